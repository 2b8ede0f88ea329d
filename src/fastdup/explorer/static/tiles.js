// Tiles of images, and looking at them closely.
import { get, pictureAddress, queue } from "./api.js";
import { decideBelow } from "./deciding.js";
import { chip, chips, el, measures, pictureElement, plain, sentence, shown } from "./elements.js";
import { cornersOf, inSecond, marksElement } from "./marks.js";
import { createViewer } from "./viewer.js";

const SMALL = 320, LARGE = 1600;

// Fills in how large the picture of an image is, within `side`.
function sized(image, side) {
  if (!image.w) return { ...image, tw: side, th: side };
  const scale = Math.min(1, side / Math.max(image.w, image.h));
  return { ...image, tw: Math.max(1, Math.round(image.w * scale)), th: Math.max(1, Math.round(image.h * scale)) };
}

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
    el("p", { class: "folder", title: plain(image.dir) }, shown(image.dir)),
    decides ? decideBelow(image, below) : null));
  figure.image = image;
  return figure;
}

// A file that has no picture to show: it is no image of the run, or none that can be read.
export function fileTile(image, notes, kind = "") {
  return el("figure", { class: "tile " + kind }, el("figcaption", {},
    el("p", { class: "name" }, shown(image.name)),
    chips(notes),
    el("p", { class: "folder", title: plain(image.dir) }, shown(image.dir))));
}

// --- what differs: asked for when a card comes into view -------------------------------------

const compareSoon = queue(2);
const known = new Map();

export function difference(first, second) {
  const key = `${first}-${second}`;
  if (!known.has(key)) {
    if (known.size > 5_000) known.clear();
    known.set(key, get("difference", { first, second }).catch((error) => { known.delete(key); throw error; }));
  }
  return known.get(key);
}

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

// --- closely -----------------------------------------------------------------------------------

// The subject that is looked at, and what leads to the ones before and after it.
let steps = () => {};

const viewer = createViewer(document.getElementById("viewer"), {
  onStep: (by) => steps(by),
  onTurn: async (subject, position) => {
    const [first, other] = [subject.members[0], subject.members[position]];
    if (!other || first === other || first.row === undefined || other.difference) return;
    other.difference = await difference(first.row, other.row);
    viewer.redraw(subject);
  },
});

function member(image) {
  const labels = image.label === undefined ? [] : [chip(shown(image.label), "label")];
  return {
    row: image.row,
    image: sized(image, LARGE),
    source: image.source || pictureAddress(image.row, LARGE),
    similarity: image.s,
    chips: () => labels,
    folder: image.dir,
    link: null,
  };
}

// Looks at the images of a card; `step(by)` leads on.
export function lookAt({ title, word, s, images }, position, step) {
  steps = step;
  viewer.open({ title, word, similarity: s, members: images.map(member) }, position);
}
