// Shows the cards of a gallery a few at a time, and two images closely.
import { capital, chip, chips, el, folderLine, measures, pictureElement, plain, sentence, setRoot, shown } from "./elements.js";
import { cornersOf, inSecond, marksElement, marksSwitch } from "./marks.js";
import { createViewer } from "./viewer.js";

const AT_ONCE = 8;
const AHEAD = "1200px";
const byId = (id) => document.getElementById(id);
const { root: sharedRoot, folders, images, cards } = JSON.parse(byId("data").textContent);
setRoot(sharedRoot);
const list = byId("cards");
const end = byId("end");
const isRow = list.classList.contains("row");
const isPair = list.classList.contains("pair");

// --- pictures: only those near the window hold their pixels --------------------------------

const waiting = new Set();

function pixels(number) {
  const holder = byId("p" + number);
  return holder && "data:image/jpeg;base64," + holder.textContent.trim();
}

function fill(image) {
  const source = pixels(image.dataset.number);
  if (source) image.src = source;
  else waiting.add(image);
}

document.addEventListener("DOMContentLoaded", () => {
  waiting.forEach(fill);
  waiting.clear();
});

const nearWindow = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) fill(target);
      else target.removeAttribute("src");
    }
  },
  { rootMargin: AHEAD },
);

function picture(number) {
  const element = pictureElement(images[number]);
  element.dataset.number = number;
  nearWindow.observe(element);
  return element;
}

// --- cards ---------------------------------------------------------------------------------

function tile(card, position, cardNumber) {
  const member = card.m[position];
  const image = images[member.i];
  const stage = image.why
    ? el("div", { class: "stage missing" },
        el("p", {}, el("strong", {}, image.why)), el("p", {}, shown(image.detail)))
    : el("button", { class: "stage", type: "button", "aria-label": "Look closer at " + plain(image.name) },
        picture(member.i), marksOn(card, position));
  if (!image.why) stage.addEventListener("click", () => look(cardNumber, position));
  return el("figure", { class: "tile" }, stage, el("figcaption", {},
    member.role ? el("p", { class: "role" }, member.role) : null,
    el("p", { class: "name" }, shown(image.name)),
    isRow && member.text ? el("p", { class: "finding" }, sentence(member.text)) : null,
    chips(tileChips(card, position)),
    image.why ? null : measures(image),
    image.extra ? el("p", { class: "extra" }, shown(image.extra)) : null,
    folderLine(folders[image.dir].name),
  ));
}

function tileChips(card, position) {
  const member = card.m[position];
  const image = images[member.i];
  const found = [];
  if (image.label !== undefined) found.push(chip(shown(image.label), "label"));
  if (isRow && position && member.s) found.push(chip(member.s, "number"));
  return found;
}

// Frames around the places that differ: on the image that is compared with the first one, and of a
// pair on both. Icons are too small for them.
function marksOn(card, position) {
  const member = card.m[isRow ? position : 1];
  const image = images[card.m[position].i];
  if (!member || !member.boxes || Math.max(image.tw, image.th) < 128) return null;
  const places = position ? inSecond(member.boxes, member.t) : member.boxes.map(cornersOf);
  return marksElement(image.tw, image.th, places);
}

function cardElement(number) {
  const card = cards[number];
  const id = "card-" + number;
  const notes = (card.facts || []).map((fact) => chip(fact, "fact"));
  const more = card.more
    ? el("p", { class: "more" }, `and ${card.more.toLocaleString("en")} more`) : null;
  const size = card.m.length + (more ? 1 : 0);
  return el("li", { "data-card": number, class: isRow && size > 2 ? "wide" : false }, el("article", { class: "card", "aria-labelledby": id },
    el("header", { class: "head" },
      el("h2", { id },
        el("span", { class: "number" }, `${capital(list.dataset.noun)} ${number + 1} `),
        card.word ? el("span", { class: "word" }, card.word) : null),
      chips(notes),
      card.s ? el("p", { class: "similarity" },
        el("span", { class: "unseen" }, isRow ? "mean similarity " : "similarity "),
        el("data", { value: card.v.similarity }, card.s)) : null,
      !isRow && card.m[1] && card.m[1].text ? el("p", { class: "finding" }, sentence(card.m[1].text)) : null),
    el("div", { class: "tiles" }, card.m.map((_, position) => tile(card, position, number)), more)));
}

// --- order and choice ------------------------------------------------------------------------

let chosen = cards.map((_, number) => number);
let nShown = 0;
const find = byId("find"), word = byId("word"), sort = byId("sort");
const haystacks = [];

function haystack(number) {
  if (haystacks[number] === undefined) {
    const card = cards[number];
    const texts = card.m.flatMap((member) => {
      const image = images[member.i];
      return [plain(folders[image.dir].name) + plain(image.name), plain(image.label || ""),
        plain(image.extra || ""), member.text || ""];
    });
    haystacks[number] = texts.join("\n").toLowerCase();
  }
  return haystacks[number];
}

const cardWords = (card) => new Set(card.m.flatMap((member) => member.kinds || []));

function choose() {
  const text = find.value.trim().toLowerCase();
  chosen = cards.map((_, number) => number).filter((number) =>
    (!text || haystack(number).includes(text)) &&
    (!word.value || cardWords(cards[number]).has(word.value)));
  if (sort.value) {
    const down = sort.value.startsWith("-");
    const key = sort.value.replace("-", "");
    const value = (number) => cards[number].v[key];
    chosen.sort((a, b) => (down ? value(b) - value(a) : value(a) - value(b)) || a - b);
  }
  nearWindow.disconnect();
  list.replaceChildren();
  nShown = 0;
  const all = cards.length.toLocaleString("en");
  const some = chosen.length.toLocaleString("en");
  const nouns = cards.length === 1 ? list.dataset.noun : list.dataset.nouns;
  byId("count").textContent = chosen.length === cards.length ? `${all} ${nouns}` : `${some} of ${all} ${nouns}`;
  showMore();
}

function showMore() {
  list.append(...chosen.slice(nShown, nShown + AT_ONCE).map(cardElement));
  nShown = Math.min(nShown + AT_ONCE, chosen.length);
  nearEnd.unobserve(end);
  if (nShown < chosen.length) requestAnimationFrame(() => nearEnd.observe(end));
}

const nearEnd = new IntersectionObserver(
  (entries) => { if (entries.some((entry) => entry.isIntersecting)) showMore(); },
  { rootMargin: AHEAD },
);

// --- two images, closely -------------------------------------------------------------------

const viewer = createViewer(byId("viewer"), { onStep: step });
let openCard;

function look(number, at) {
  openCard = number;
  const card = cards[number];
  const members = card.m.map((member, position) => {
    const image = images[member.i];
    const folder = folders[image.dir];
    return {
      image,
      source: image.why ? null : pixels(member.i),
      similarity: member.s,
      difference: member,
      chips: () => tileChips(card, position),
      folder: folder.name,
      link: image.why ? null : folder.uri + image.uri,
    };
  });
  const title = `${capital(list.dataset.noun)} ${number + 1}`;
  viewer.open({ title, word: card.word, similarity: card.s, members }, at);
}

function step(by) {
  const at = chosen.indexOf(openCard) + by;
  if (at >= 0 && at < chosen.length) {
    while (at >= nShown && nShown < chosen.length) showMore();
    look(chosen[at], 1);
    focusCard(at);
  }
}

// --- keyboard --------------------------------------------------------------------------------

function focusCard(at) {
  while (at >= nShown && nShown < chosen.length) showMore();
  const item = list.children[at];
  const target = item && (item.querySelector("button.stage") || item);
  if (!target) return;
  if (!viewer.isOpen()) target.focus();
  item.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, dialog");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const item = document.activeElement.closest("li[data-card]");
  const at = item ? [...list.children].indexOf(item) : -1;
  if (event.key === "j") focusCard(Math.min(at + 1, chosen.length - 1));
  else if (event.key === "k") focusCard(Math.max(at - 1, 0));
  else if (event.key === "/") { event.preventDefault(); find.focus(); }
});

// --- start -----------------------------------------------------------------------------------

let typing;
find.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(choose, 120); });
word.addEventListener("change", choose);
sort.addEventListener("change", choose);
// The texts to search, and the words to choose from, are put together a few at a time.
const counts = new Map();
function prepare(from) {
  const to = Math.min(from + 100, cards.length);
  for (let number = from; number < to; number++) {
    haystack(number);
    for (const base of cardWords(cards[number])) counts.set(base, (counts.get(base) || 0) + 1);
  }
  if (to < cards.length) return void setTimeout(prepare, 10, to);
  for (const [base, count] of [...counts].sort((a, b) => b[1] - a[1])) {
    word.append(el("option", { value: base }, `${base} (${count.toLocaleString("en")})`));
  }
  word.closest("label").hidden = !counts.size;
}
setTimeout(prepare, 50, 0);
const hasMarks = cards.some((card) => card.m.some((member) => member.boxes));
if (hasMarks) byId("count").before(marksSwitch());
document.querySelector(".tools").hidden = cards.length < 2 && !hasMarks;
setTimeout(choose); // the top of the page is painted first
