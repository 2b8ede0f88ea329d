// The images most similar to one that is dropped on the page. It is neither stored nor kept.
import { post } from "./api.js";
import { amount } from "./cards.js";
import { chip, el } from "./elements.js";
import { lookAt, tile } from "./tiles.js";

let last = null;

export function searchView() {
  const input = el("input", { type: "file", accept: "image/*", class: "unseen", id: "file" });
  const button = el("button", { type: "button", class: "button main" }, "Choose an image");
  const preview = el("div", {});
  const drop = el("section", { class: "drop" }, preview,
    el("p", {}, "Drop an image here to find the ones most similar to it."),
    el("label", { class: "unseen", for: "file" }, "Image to search for"), input, button);
  const line = el("p", { class: "count", role: "status" });
  const list = el("ol", { class: "cards single results" });
  const main = el("div", {}, drop, line, list);

  async function search(file) {
    const source = URL.createObjectURL(file);
    preview.replaceChildren(el("img", { src: source, alt: file.name }));
    line.textContent = "Searching …";
    list.replaceChildren();
    try {
      show(file, source, await post("search", file));
    } catch {
      line.textContent = "";
    }
  }

  function show(file, source, { items }) {
    if (last) URL.revokeObjectURL(last);
    last = source;
    line.textContent = amount(items.length, "similar image");
    const picture = preview.querySelector("img");
    const query = { name: file.name, dir: "dropped on this page", source,
      w: picture.naturalWidth || undefined, h: picture.naturalHeight || undefined };
    const look = (at) => {
      if (!items[at]) return;
      const { word, s } = items[at];
      lookAt({ title: `Result ${at + 1}`, word, s, images: [query, items[at]] }, 1, (by) => look(at + by));
    };
    list.replaceChildren(...items.map((image, at) => el("li", {}, el("article", { class: "card", "aria-label": `Result ${at + 1}` },
      el("div", { class: "tiles" }, tile(image, {
        notes: [chip(image.s, "number"), chip(image.word)], look: () => look(at) }))))));
  }

  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => { if (input.files.length) search(input.files[0]); });
  return { title: "Search", lead: "Is it here already? Compare any image with the whole collection.",
    tools: [], main, ready: Promise.resolve(), search };
}
