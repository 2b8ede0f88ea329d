// Images by what was measured, and the files that could not be used.
import { cardList } from "./cards.js";
import { capital, chip, count, el, shown } from "./elements.js";
import { lookAt, tile } from "./tiles.js";
import { chosen, find, select, showCount, status } from "./tools.js";

let metric = null;

export function qualityView(summary) {
  const line = status();
  const { metrics } = summary;
  metric ??= metrics.length ? metrics[0].name : "blur";
  const words = ({ words, limit, beyond }) =>
    capital(words) + (beyond ? ` (${count(beyond)} beyond ${limit})` : "");
  const cards = cardList({
    call: "quality",
    params: () => ({ metric, find: chosen.find }),
    layout: "single",
    card: (image, number) => card(image, number, cards),
    onAnswer: ({ total }) => showCount(line, total, "image"),
    nothing: ["No statistics", "Images with features of your own have no statistics."],
  });
  const change = (value) => { metric = value; cards.refresh(); };
  return {
    title: "Quality",
    lead: "The blurriest, darkest, brightest, smallest images.",
    tools: [select("Show", metrics.map((one) => [one.name, words(one)]), metric, change), find(cards.refresh, summary), line],
    main: cards.element,
    ready: cards.refresh(),
  };
}

function card(image, number, cards) {
  const look = (at) => {
    const item = cards.list.children[at];
    if (!item) return;
    lookAt({ title: `Image ${at + 1}`, images: [item.image] }, 0, async (by) => {
      if (at + by >= cards.list.children.length) await cards.more();
      look(at + by);
    });
  };
  const value = image.value === undefined ? [] : [chip(image.value.toLocaleString("en", { maximumFractionDigits: 2 }), "number")];
  const element = el("li", {}, el("article", { class: "card", "aria-label": `Image ${number + 1}` },
    el("div", { class: "tiles" }, tile(image, { notes: value, look: () => look(number) }))));
  element.image = image;
  return element;
}

export function badView() {
  const line = status();
  const cards = cardList({
    call: "bad",
    params: () => ({ find: chosen.find }),
    layout: "bad",
    card: (file) => el("li", {}, el("article", { class: "card" },
      el("header", { class: "head" }, el("h2", {}, shown(file.name)), el("ul", { class: "chips" }, chip(file.reason.replaceAll("_", " "), file.reason === "side_file" ? "" : "goes"))),
      el("p", {}, shown(file.detail)),
      el("p", { class: "folder" }, shown(file.dir)))),
    onAnswer: ({ total, side }) => showCount(line, total - side, "bad file", side ? `, and ${side.toLocaleString("en")} that are not images` : ""),
    nothing: ["No bad files", "Every listed file could be used."],
  });
  return {
    title: "Bad files",
    lead: "Listed files that could not be used, and why. Files that are not meant to be images come last.",
    tools: [find(cards.refresh), line],
    main: cards.element,
    ready: cards.refresh(),
  };
}
