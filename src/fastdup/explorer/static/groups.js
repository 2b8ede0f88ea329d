// Groups of similar images (components) at the chosen threshold, and which copies of them stay.
import { get, post, queue } from "./api.js";
import { amount, cardList, head } from "./cards.js";
import { chip, count, el, plain } from "./elements.js";
import { keepButton, notACopy, notCopies, rememberByKey } from "./remembered.js";
import { lookAt, sayDifferences, tile } from "./tiles.js";
import { chosen, find, select, showCount, status, threshold } from "./tools.js";

const ORDERS = [["size", "Most images first"], ["similar", "Most similar first"],
  ["loose", "Least similar first"], ["spare", "Most space to save first"],
  ["taken", "Earliest taken first"]];
const MORE = 100;
let order = "size", choices = {};

export function groupsView(summary) {
  const line = status();
  choices = summary.choices;
  const cards = cardList({
    call: "groups",
    params: () => ({ threshold: chosen.threshold, find: chosen.find, order }),
    card: (group, number) => el("li", { class: group.n > 2 ? "wide" : false }, groupCard(group, number, cards)),
    onAnswer: (answer) => {
      const some = answer.total === answer.groups_in_all ? "" : ` of ${count(answer.groups_in_all)}`;
      showCount(line, answer.total, "group", `${some} · ${amount(answer.images_in_all, "image")} in groups · ${amount(answer.pairs_in_all, "pair")}`);
    },
    nothing: ["No groups", "Move the slider to the left to see images that are less similar."],
  });
  const offered = { spare: summary.metrics.length, taken: summary.days.length };
  const orders = ORDERS.filter(([name]) => offered[name] !== 0);
  return {
    title: "Groups",
    lead: "Similar images, connected directly or through others.",
    tools: [threshold(summary.lowest, cards.refresh), find(cards.refresh, summary),
      select("Order", orders, order, (value) => { order = value; cards.refresh(); }), line],
    main: cards.element,
    ready: cards.refresh(),
    onKey: (event) => decideByKey(event) || rememberByKey(event),
    cards,
  };
}

function groupCard(group, number, cards) {
  const card = el("article", { class: "card", "aria-label": `Group ${number + 1}` });
  const tiles = el("div", { class: "tiles" });
  card.group = { group, number, cards };
  const facts = [amount(group.n, "image"), el("span", { class: "going" })];
  const what = () => ({ row: group.row, threshold: chosen.threshold });
  card.append(head(`Group ${number + 1}`, group.word, group.s, facts), tiles,
    notCopies(what, (shownCard) => redraw(shownCard, group.images.length)));
  showTiles(card, tiles);
  sayDifferences(card, group.images, false);
  markSoon(() => markGoing(card, what()));
  return card;
}

// Shots of a burst are a stack: the sharpest, and the others when they are asked for.
function showTiles(card, tiles) {
  const { group } = card.group;
  const made = group.images.map((image, position) => tile(image, {
    look: () => look(card, position),
    kind: (image.stays ? "stays" : "") + (image.sharpest ? " stack" : ""),
    notes: [chip(...verdict(image)), ...(image.sharpest ? [chip(`sharpest of a burst of ${count(image.sharpest)}`)] : [])],
    below: decisions(card, image),
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
  if (image.always) return ["always kept", "stays"];
  if (image.goes) return [image.by_hand ? "marked for removal" : "would go", "goes"];
  if (image.stays) return [image.by_hand ? "kept by hand" : "kept by rule", "stays"];
  if (image.by_hand) return ["marked for removal", "goes"];
  return image.goes === undefined ? ["…", "fate"] : ["stays", "fate"];
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
  card.querySelector(".going").textContent = `${count(goes.length)} would go`;
  for (const burst of card.querySelectorAll(".burst")) {
    const n = burst.querySelectorAll(".tile.goes").length;
    burst.querySelector(".behind").textContent = n ? `, ${count(n)} would go` : "";
  }
}

function decisions(card, image) {
  const button = (words, decision, pressed) => {
    const element = el("button", { type: "button", "aria-pressed": String(pressed), "data-decision": decision }, words);
    element.addEventListener("click", () => decide(card, image.row, pressed ? "" : decision));
    return element;
  };
  const forNow = image.always ? [] : [button("Keep", "keep", image.by_hand && image.stays),
    button("Remove", "remove", image.by_hand && !image.stays)];
  const always = keepButton(image, () => redrawAt(card, image.row, "[data-remember=keep]"));
  return el("div", { class: "decide", role: "group", "aria-label": "Decide on " + plain(image.name) }, forNow, always,
    card.group.group.n > 2 ? notACopy(image, () => ({ threshold: chosen.threshold }), (line) => leave(card, image.row, line)) : null);
}

async function decide(card, row, decision) {
  Object.assign(choices, await post("decide", { rows: [row], decision }));
  await redrawAt(card, row, decision ? `[data-decision=${decision}]` : "");
}

async function redrawAt(card, row, which) {
  await redraw(card, card.group.group.images.length);
  const again = card.parentNode && card.parentNode.querySelector(`.tile[data-row="${row}"] .decide button${which}`);
  if (again) again.focus();
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
  const { group, number, cards } = card.group;
  const images = [];
  let answer;
  do {
    answer = await get("group", { threshold: chosen.threshold, row: group.row, start: images.length, n: Math.min(200, n - images.length) });
    images.push(...answer.images);
  } while (answer.images.length && images.length < Math.min(n, answer.n));
  if (!answer.n) return false;
  const renewed = groupCard({ ...answer, images }, number, cards);
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

const KEYS = { y: "keep", x: "remove", u: "" };

function decideByKey(event) {
  const at = document.activeElement.closest(".tile[data-row]");
  if (!at || KEYS[event.key] === undefined) return false;
  decide(at.closest(".card"), Number(at.dataset.row), KEYS[event.key]);
  return true;
}
