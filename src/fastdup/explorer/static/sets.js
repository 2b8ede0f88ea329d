// Data sets: splits, labels, leaks between splits, labels that contradict each other or are in doubt.
import { get } from "./api.js";
import { amount, cardList, head } from "./cards.js";
import { capital, chip, count, el, plain, shown } from "./elements.js";
import { exportControl } from "./download.js";
import { lookAt, sayDifferences, tile } from "./tiles.js";
import { chosen, find, select, showCount, status, threshold } from "./tools.js";

const AGAIN_MS = 1_000;
const LISTS = {
  leaks: ["Leaks", "leak", "Similar images in different splits. A test image that the model was trained on proves nothing."],
  conflicts: ["Label conflicts", "pair", "Copies with different labels, the most certain first. One of the two labels is wrong."],
  mislabels: ["Labels in doubt", "image", "Images whose copies have another label, then those whose nearest images by content have one."],
  images: ["All images", "image", "All images, or those of one label or split."],
};
const NOTHING = {
  leaks: ["No leaks", "No two splits share similar images, or there are no splits: annotations with a column split give them, or folders called train, val and test."],
  conflicts: ["No conflicts", "No copies have different labels."],
  mislabels: ["No labels in doubt", "The neighbours of each image have its label, or there are no labels."],
  images: ["No images", "No image has this label, in this split."],
};
const only = { list: "leaks", label: "", split: "" };

export function setsView(summary) {
  const line = status(), overview = el("section", { class: "overview", "aria-label": "Splits" });
  const choice = el("div", { class: "chosen" }), lead = el("p", { class: "lead" });
  const words = el("div", {}, overview, lead), place = el("div", {});
  let cards = null, waiting;

  const params = () => ({ threshold: chosen.threshold, find: chosen.find,
    ...Object.fromEntries(["label", "split"].filter((name) => only[name]).map((name) => [name, only[name]])) });

  // A list of another kind has cards of another layout.
  function start() {
    clearTimeout(waiting);
    const list = only.list, [, noun, text] = LISTS[list];
    lead.textContent = text;
    cards = cardList({
      call: list,
      params,
      layout: list === "images" ? "single" : "pair",
      card: list === "images" ? (image, number) => imageCard(image, number, cards)
        : (item, number) => pairCard(item, number, list),
      onAnswer: ({ total, making }) => {
        if (making) {
          line.textContent = "Looking for the nearest neighbours of all images …";
          waiting = setTimeout(refresh, AGAIN_MS);
        } else showCount(line, total, noun);
      },
      nothing: NOTHING[list],
    });
    place.replaceChildren(cards.element);
    return cards.refresh();
  }

  async function refresh() {
    const found = await get("sets", { threshold: chosen.threshold });
    showOverview(found);
    offer(found);
    await cards.refresh();
  }

  function showOverview({ splits, splits_from: from, labels_from: labelled, n_labels: n }) {
    const labels = n ? `${amount(n, "label")}, by the ${labelled === "folders" ? "names of folders" : "annotations"}.` : "No labels.";
    overview.replaceChildren(
      splits.length ? el("table", { class: "splits" },
        el("thead", {}, el("tr", {}, ["Split", "Images", "Similar to another split"].map((text) => el("th", { scope: "col" }, text)))),
        el("tbody", {}, splits.map(([name, images, leaking]) => el("tr", {}, el("td", {}, shown(name)), el("td", {}, count(images)),
          el("td", {}, `${count(leaking)} (${(100 * leaking / images).toFixed(1)} %)`))))) : "",
      el("p", { class: "lead" }, splits.length ? `Splits by the ${from === "folders" ? "names of folders" : "annotations or the run"}. ` : "No splits. ", labels));
  }

  function offer({ labels, splits, leaks, conflicts, certain, mislabels }) {
    const counts = { leaks: count(leaks), mislabels: mislabels === null ? "…" : count(mislabels), images: count(summary.images),
      conflicts: count(conflicts) + (certain ? `, ${count(certain)} certain` : "") };
    const lists = Object.entries(LISTS).map(([name, [text]]) => [name, `${text} (${counts[name]})`]);
    const texts = (found, n) => [["", "all"], ...found.map((one) => [one.at(-1), `${plain(one[0])} (${count(one[n])})`])];
    const focused = document.activeElement && document.activeElement.id;
    const named = (id, field) => { field.querySelector("select").id = id; return field; };
    choice.replaceChildren(
      named("list", select("Show", lists, only.list, (value) => { only.list = value; start(); })),
      named("label", select("Label", texts(labels, 1), only.label, (value) => { only.label = value; cards.refresh(); })),
      splits.length ? named("split", select("Split", texts(splits, 1), only.split, (value) => { only.split = value; cards.refresh(); })) : "");
    const again = focused && choice.querySelector(`#${focused}`);
    if (again) again.focus();
  }

  const ready = start().then(async () => {
    const found = await get("sets", { threshold: chosen.threshold });
    showOverview(found);
    offer(found);
  });
  return {
    title: "Data sets",
    lead: "Splits, labels, and what is wrong with them.",
    tools: [choice, threshold(summary.lowest, refresh), find(() => cards.refresh()),
      exportControl(() => ({ of: only.list, ...params() }), "Export this list"),
      exportControl(() => ({ of: "decided" }), "Export decisions"), line],
    main: el("div", {}, words, place),
    ready,
    leave: () => clearTimeout(waiting),
    cards: { more: () => cards.more(), refresh: () => cards.refresh() },
  };
}

function splitChips(image) {
  return image.split === undefined ? [] : [chip(["split ", shown(image.split)], "split")];
}

function pairCard(item, number, list) {
  const [title] = LISTS[list];
  const name = `${title.replace(/s$/, "")} ${number + 1}`;
  const roles = list === "mislabels" ? ["Label in doubt", "Nearest image with the suggested label"] : ["", ""];
  const facts = [item.certain ? "the same picture" : "", item.suggested === undefined ? "" : el("span", {}, "suggested: ", shown(item.suggested)),
    item.score ? `${item.score} of the neighbours` : ""].filter(Boolean);
  const card = el("article", { class: "card", "aria-label": name },
    head(name, item.word, item.s, facts),
    el("div", { class: "tiles" }, item.images.map((image, at) => tile(image, {
      role: roles[at], notes: splitChips(image),
      look: () => lookAt({ title: name, ...item }, at, () => {}) }))));
  sayDifferences(card, item.images, true);
  return el("li", {}, card);
}

function imageCard(image, number, cards) {
  const look = (at) => {
    const item = cards.list.children[at];
    if (item) lookAt({ title: `Image ${at + 1}`, images: [item.image] }, 0, (by) => look(at + by));
  };
  const line = el("li", {}, el("article", { class: "card", "aria-label": capital(`image ${number + 1}`) },
    el("div", { class: "tiles" }, tile(image, { notes: splitChips(image), look: () => look(number) }))));
  line.image = image;
  return line;
}
