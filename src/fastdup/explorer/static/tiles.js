// Tiles of images, and what differs between those of a card.
import { get, pictureAddress, queue } from "./api.js";
import { compareButton } from "./compare.js";
import { decideBelow } from "./deciding.js";
import { difference, sized, SMALL } from "./differences.js";
import { chip, chips, el, folderLine, measures, pictureElement, plain, sentence, shown } from "./elements.js";
import { cornersOf, inSecond, marksElement } from "./marks.js";

function missing(image) {
  return el("div", { class: "stage missing" },
    el("p", {}, el("strong", {}, image.why)), el("p", {}, shown(image.detail)));
}

// `look` is called when the picture is clicked; `notes` are chips, `below` are more buttons beside
// those that decide on the image; `decides`: whether there are any.
export function tile(image, { look, notes = [], role = "", below = [], kind = "", decides = true } = {}) {
  const picture = pictureElement(sized(image, SMALL));
  picture.loading = "lazy";
  picture.src = pictureAddress(image.row, SMALL);
  const stage = el("button", { class: "stage", type: "button",
    "aria-label": "Look closer at " + plain(image.name) }, picture);
  stage.addEventListener("click", look);
  picture.addEventListener("error", async () => {
    const { why, detail } = await get("image", { row: image.row });
    if (why) stage.replaceWith(missing(Object.assign(image, { why, detail })));
  });
  const labels = image.label === undefined ? [] : [chip(shown(image.label), "label")];
  const figure = el("figure", { class: "tile " + kind, "data-row": image.row }, stage, el("figcaption", {},
    role ? el("p", { class: "role" }, role) : null,
    el("p", { class: "name" }, shown(image.name)),
    el("p", { class: "finding", hidden: true }),
    chips([...labels, ...notes]),
    measures(image),
    folderLine(image.dir),
    decides ? decideBelow(image, [below, compareButton(image)]) : null));
  figure.image = image;
  return figure;
}

// A file that has no picture to show: it is no image of the run, or none that can be read.
export function fileTile(image, notes, kind = "") {
  return el("figure", { class: "tile " + kind }, el("figcaption", {},
    el("p", { class: "name" }, shown(image.name)),
    chips(notes),
    folderLine(image.dir)));
}

// --- what differs: asked for when a card comes into view -------------------------------------

const compareSoon = queue(2);

const inView = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (isIntersecting) { inView.unobserve(target); compareSoon(target.compare); }
  }
}, { rootMargin: "200px" });

// Says on a card what differs: of a pair at its head, else below each image that is compared with
// the first one; and frames the places.
export function sayDifferences(card, images, isPair) {
  card.compare = async () => {
    for (const image of images.slice(1)) {
      if (!card.isConnected) return;
      const found = await difference(images[0].row, image.row);
      const line = card.querySelector(isPair ? ".head .finding" : `.tile[data-row="${image.row}"] .finding`);
      if (line) {
        line.textContent = sentence(found.text || "");
        line.hidden = !found.text;
      }
      if (isPair) mark(card, images[0], (found.boxes || []).map(cornersOf));
      mark(card, image, found.boxes ? inSecond(found.boxes, found.t) : []);
    }
  };
  inView.observe(card);
}

function mark(card, image, places) {
  const stage = card.querySelector(`.tile[data-row="${image.row}"] .stage`);
  const { tw, th } = sized(image, SMALL);
  if (!stage || !image.w || Math.max(tw, th) < 128) return;
  for (const old of stage.querySelectorAll(".marks")) old.remove();
  stage.append(marksElement(tw, th, places) || "");
}

export { lookAt } from "./compare.js";
