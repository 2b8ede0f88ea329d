// Elements of a page. Whatever comes from outside (names, folders, labels) becomes text nodes only,
// never markup.

export function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

// A text is a string, or a list of [piece, is it an escape] where something invisible is spelt out.
export const plain = (text) =>
  typeof text === "string" ? text : text.map(([piece]) => piece).join("");

export function shown(text) {
  const pieces = typeof text === "string" ? [[text, 0]] : text;
  const parts = pieces.map(([piece, escaped]) =>
    escaped ? el("span", { class: "escape" }, piece) : piece,
  );
  return el("bdi", { dir: "ltr", class: "text" }, parts);
}

// Folders are shown from the one on that all pictures of the page lie in.
let shared = "";
export function setRoot(text) { shared = text; }

export function folderLine(dir) {
  const [[first, escaped], ...rest] = typeof dir === "string" ? [[dir, 0]] : dir.length ? dir : [["", 0]];
  const isBelow = !escaped && shared && first.startsWith(shared);
  const pieces = [[isBelow ? first.slice(shared.length) : first, escaped], ...rest];
  return el("p", { class: "folder", title: plain(dir) }, shown(pieces));
}

export const chip = (words, kind) => el("li", { class: "chip " + (kind || "") }, words);
export const chips = (items) => (items.length ? el("ul", { class: "chips" }, items) : null);

// A sentence whose numbers keep their units on the line.
export const sentence = (text) => text.replaceAll(" %", "\u00a0%");
export const capital = (text) => text[0].toUpperCase() + text.slice(1);
export const count = (number) => number.toLocaleString("en");

export function measures(image) {
  return el("ul", { class: "measures" },
    image.w ? el("li", {}, `${count(image.w)} × ${count(image.h)}`) : null,
    image.size ? el("li", {}, image.size) : null,
    image.format ? el("li", {}, image.format) : null,
    image.taken ? el("li", {}, image.taken) : null,
    image.camera ? el("li", {}, shown(image.camera)) : null);
}

// Icons are enlarged pixel by pixel.
export function pictureElement(image) {
  const zoom = Math.max(1, Math.floor(128 / Math.max(image.tw, image.th)));
  return el("img", {
    alt: plain(image.name),
    width: image.tw * zoom,
    height: image.th * zoom,
    decoding: "async",
    class: zoom > 1 ? "tiny" : false,
    draggable: "false",
  });
}
