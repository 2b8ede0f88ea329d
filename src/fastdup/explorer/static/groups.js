// Groups of similar images (components) at the chosen threshold, and which copies of them stay.
import { get, queue } from "./api.js";
import { amount, cardList, head } from "./cards.js";
import { decideOn } from "./deciding.js";
import { chip, count, el } from "./elements.js";
import { notACopy, rememberByKey, wholeCard } from "./remembered.js";
import { lookAt, sayDifferences, tile } from "./tiles.js";
import { chosen, find, select, showCount, status, threshold } from "./tools.js";

const ORDERS = [["size", "Most images first"], ["similar", "Most similar first"],
  ["loose", "Least similar first"], ["spare", "Most space to save first"],
  ["taken", "Earliest taken first"]];
const MORE = 100;
let order = "size";

export function groupsView(summary, given = {}) {
  order = ORDERS.some(([name]) => name === given.order) ? given.order : order;
  const line = status(), found = el("div", { class: "row-of-buttons found", hidden: true });
  const cards = cardList({
    call: "groups",
    params: () => ({ threshold: chosen.threshold, find: chosen.find, order }),
    card: (group, number, asked) => el("li", { class: group.n > 2 ? "wide" : false }, groupCard(group, number, cards, asked.threshold)),
    onAnswer: (answer, asked) => {
      const some = answer.total === answer.groups_in_all ? "" : ` of ${count(answer.groups_in_all)}`;
      showFound(found, answer.images_found, asked);
      showCount(line, answer.total, "group", `${some} · ${amount(answer.images_in_all, "image")} in groups · ${amount(answer.pairs_in_all, "pair")}`);
    },
    nothing: ["No groups", "Move the slider to the left to see images that are less similar."],
  });
  const offered = { spare: summary.metrics.length, taken: summary.days.length };
  const orders = ORDERS.filter(([name]) => offered[name] !== 0);
  return {
    title: "Groups",
    lead: "Groups of similar images, connected directly or through others.",
    tools: [threshold(summary.lowest, cards.refresh), find(cards.refresh, summary),
      select("Order", orders, order, (value) => { order = value; cards.refresh(); }), line],
    main: el("div", {}, found, cards.element),
    ready: cards.refresh(),
    onKey: rememberByKey,
    state: () => ({ order }),
  };
}

// Buttons for all images that were looked for, in whatever group.
function showFound(place, n, { order: _, threshold: at, ...words }) {
  const lookedFor = Object.fromEntries(Object.entries(words).filter(([, value]) => value));
  place.hidden = !n || !Object.keys(lookedFor).length;
  const button = (words, decision) => {
    const element = el("button", { type: "button", class: "button" }, `${words} ${n === 1 ? "the image" : `all ${amount(n, "image")}`} found`);
    element.addEventListener("click", async () => {
      element.disabled = true;
      try { await decideOn({ ...lookedFor, threshold: at, matching: true }, decision); } catch { /* it is shown already */ } finally { element.disabled = false; }
    });
    return element;
  };
  place.replaceChildren(button("Keep", "keep"), button("Remove", "remove"));
}

// `at`: the threshold of the group, which the slider may have left.
function groupCard(group, number, cards, at) {
  const card = el("article", { class: "card", "aria-label": `Group ${number + 1}` });
  const tiles = el("div", { class: "tiles" });
  card.group = { group, number, cards, at };
  const facts = [amount(group.n, "image"), el("span", { class: "going" })];
  const what = () => ({ row: group.row, threshold: at });
  card.append(head(`Group ${number + 1}`, group.word, group.s, facts), tiles,
    wholeCard(what, (shownCard) => redraw(shownCard, group.images.length), { keep: "Keep all", remove: "Remove all" }));
  showTiles(card, tiles);
  sayDifferences(card, group.images, false);
  markSoon(() => markGoing(card, what()));
  return card;
}

// Shots of a burst are a stack: the sharpest, and the others when they are asked for.
function showTiles(card, tiles) {
  const { group, at } = card.group;
  const made = group.images.map((image, position) => tile(image, {
    look: () => look(card, position),
    kind: (image.stays ? "stays" : "") + (image.sharpest ? " stack" : ""),
    notes: [chip(...verdict(image)), ...(image.sharpest ? [chip(`sharpest of a burst of ${count(image.sharpest)}`)] : [])],
    below: card.group.group.n > 2 ? notACopy(image, () => ({ threshold: at }), (line) => leave(card, image.row, line)) : [],
  }));
  const bursts = new Map();
  group.images.forEach(({ burst, sharpest }, at) => {
    if (burst !== undefined && !sharpest) bursts.set(burst, [...(bursts.get(burst) || []), made[at]]);
  });
  const behind = [...bursts.values()].map((shots) => el("details", { class: "burst" },
    el("summary", {}, `${count(shots.length)} more of this burst`, el("span", { class: "behind" })), el("div", { class: "tiles" }, shots)));
  tiles.replaceChildren(...made.filter((_, at) => group.images[at].burst === undefined || group.images[at].sharpest), ...behind);
  const rest = group.n - group.images.length;
  if (rest > 0) {
    const button = el("button", { type: "button", class: "button" }, `Show ${count(Math.min(rest, MORE))} more of ${count(rest)}`);
    button.addEventListener("click", () => showMore(card));
    tiles.append(el("p", { class: "more" }, button));
  }
}

// What is to become of an image; `goes` is not known before the server was asked.
function verdict(image) {
  if (image.decided === "keep") return ["Keep (you chose)", "stays"];
  if (image.goes) return [image.decided ? "Remove (you chose)" : "Can be removed", "goes"];
  if (image.decided) return ["Remove (you chose)", "goes"];
  if (image.stays) return ["Keep", "stays"];
  return image.goes === undefined ? ["…", "fate"] : ["Stays", "fate"];
}

const markSoon = queue(1);

// Marks what a plan made now would take, by the settings under "Clean up".
async function markGoing(card, what) {
  const { goes } = await get("marks", what);
  const { group } = card.group;
  for (const image of group.images) {
    image.goes = goes.includes(image.row);
    const at = card.querySelector(`.tile[data-row="${image.row}"]`);
    if (!at) continue;
    at.classList.toggle("goes", image.goes);
    at.classList.toggle("stays", !image.goes && image.stays);
    at.querySelector(".chip.stays, .chip.goes, .chip.fate").replaceWith(chip(...verdict(image)));
  }
  card.querySelector(".going").textContent = `${count(goes.length)} can be removed`;
  for (const burst of card.querySelectorAll(".burst")) {
    const n = burst.querySelectorAll(".tile.goes").length;
    burst.querySelector(".behind").textContent = n ? `, ${count(n)} can be removed` : "";
  }
}

// What stays by the rule depends on what is decided on the others.
document.addEventListener("decided", ({ detail }) => {
  const cards = new Set(detail.rows.flatMap((row) =>
    [...document.querySelectorAll(`#main .tile[data-row="${row}"]`)].map((at) => at.closest(".card"))));
  for (const card of cards) if (card && card.group) markAgain(card).catch(() => {});
});

async function markAgain(card) {
  const { group, at } = card.group;
  const { images } = await get("group", { threshold: at, row: group.row, n: Math.min(200, group.images.length) });
  const stays = new Map(images.map((image) => [image.row, image.stays]));
  for (const image of group.images) image.stays = stays.get(image.row) ?? image.stays;
  await markGoing(card, { row: group.row, threshold: at });
}

// Shows a group that an image has left, with a line that takes it back; or as it was before.
async function leave(card, row, line) {
  const { group } = card.group;
  const other = group.images.find((image) => image.row !== row);
  if (line) group.row = other.row;
  const found = await redraw(card, group.images.length + (line ? 0 : 1));
  if (!line) return;
  if (!found) card.replaceChildren();
  card.append(line);
}

async function showMore(card) {
  const n = card.group.group.images.length;
  await redraw(card, n + MORE);
  const next = card.querySelectorAll("button.stage")[n];
  if (next) next.focus();
}

// Asks for a group again, `n` images of it.
async function redraw(card, n) {
  const { group, number, cards, at } = card.group;
  const images = [];
  let answer;
  do {
    answer = await get("group", { threshold: at, row: group.row, start: images.length, n: Math.min(200, n - images.length) });
    images.push(...answer.images);
  } while (answer.images.length && images.length < Math.min(n, answer.n));
  if (!answer.n) return false;
  const renewed = groupCard({ ...answer, images }, number, cards, at);
  // The card stays the same element, so that nothing jumps.
  card.group = renewed.group;
  card.replaceChildren(...renewed.childNodes);
  showTiles(card, card.querySelector(".tiles"));
  sayDifferences(card, images, false);
  return true;
}

function look(card, position) {
  const { group, number, cards } = card.group;
  const title = `Group ${number + 1}`;
  lookAt({ title, word: group.word, s: group.s, images: group.images }, position, async (by) => {
    if (number + by >= cards.list.children.length) await cards.more();
    const item = cards.list.children[number + by];
    if (!item) return;
    item.scrollIntoView({ block: "nearest" });
    look(item.firstChild, 1);
  });
}
