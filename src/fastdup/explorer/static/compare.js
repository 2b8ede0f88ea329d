// Images looked at closely, two at a time, and decided on there.
import { get, pictureAddress, postInTurn } from "./api.js";
import { askProgress, decide, decideBelow, decisionOf, undo } from "./deciding.js";
import { comparison, difference, LARGE, sized } from "./differences.js";
import { chip, el, plain, shown } from "./elements.js";
import { createViewer } from "./viewer.js";

// The subject that is looked at, and what leads to the ones before and after it.
let steps = () => {};
let isOpen = false;  // whether the facts are shown

const dialog = document.getElementById("viewer");
const viewer = createViewer(dialog, { onStep: (by) => steps(by), onTurn: learn, below, onKey, onLost: sayWhy });

async function learn(subject, position) {
  const [first, other] = [subject.members[0], subject.members[position]];
  if (!other || first === other || first.row === undefined || other.row === undefined) return;
  if (!other.difference) {
    other.difference = await difference(first.row, other.row);
    viewer.redraw(subject);
  }
  if (isOpen && !other.facts) {
    other.facts = await comparison(first.row, other.row);
    viewer.redraw(subject);
  }
}

// Says why there is no picture, in its place.
async function sayWhy(lost) {
  if (lost.row === undefined || lost.image.why) return;
  const { why, detail } = await get("image", { row: lost.row, side: LARGE });
  if (why) viewer.change(() => { Object.assign(lost.image, { why, detail }); });
}

function member(image) {
  const labels = image.label === undefined ? [] : [chip(shown(image.label), "label")];
  return {
    row: image.row,
    own: image,
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

// --- below the pictures --------------------------------------------------------------------------

const KEYS = { y: "keep", x: "remove", u: "" };
const two = (subject, position) => [...new Set([subject.members[0], subject.members[position]])];

function button(words, place, act, attributes = {}) {
  const element = el("button", { type: "button", class: "flip", "data-place": place, ...attributes }, words);
  element.addEventListener("click", act);
  return element;
}

function below(subject, position) {
  const members = two(subject, position);
  const known = members.filter(({ row }) => row !== undefined);
  const isTwo = known.length === 2;
  const decisions = known.map((one) => {
    const buttons = decideBelow(one.own, [], () => { if (one !== members[0] || members.length < 2) onward(subject, position); });
    for (const each of buttons.children) each.dataset.place = `${each.dataset.decision}-${one.row}`;
    const which = members.length < 2 ? "" : one === members[0] ? "First: " : "Second: ";
    return el("div", { class: "of-one" }, el("span", {}, which, shown(one.own.name)), buttons);
  });
  return el("div", { class: "verdicts" },
    ...decisions,
    el("div", { class: "of-both" },
      isTwo ? button("Not copies", "apart", () => apart(subject, position), { title: "key n" }) : null,
      button("Skip", "skip", () => steps(1), { title: "key s" }),
      button("Undo", "undo", () => undo().catch(() => {}), { title: "key z" }),
      isTwo ? button("Swap", "swap", () => swap(subject, position), { title: "key w" }) : null,
      isTwo ? button("Details", "details", () => details(subject, position), { title: "key i", "aria-expanded": String(isOpen) }) : null,
      subject.members.length > 2 ? pick(subject, position) : null),
    isOpen && isTwo ? facts(members[1]) : null);
}

// Which two of more images are compared.
function pick(subject, position) {
  const names = subject.members.map(({ own }, at) => [at, `${at + 1}: ${plain(own.name)}`]);
  const choose = (words, at, act) => {
    const select = el("select", { "aria-label": words, "data-place": words }, names.map(([value, name]) =>
      el("option", { value, selected: value === at }, name)));
    select.addEventListener("change", () => act(Number(select.value)));
    return select;
  };
  return el("span", { class: "pick" },
    choose("First image", 0, (at) => toFront(subject, at, position)),
    choose("Second image", position, (at) => { if (at) viewer.open(subject, at); else swap(subject, position); }));
}

// Makes another image the first one, with which the others are compared.
function toFront(subject, at, position) {
  const [chosen] = subject.members.splice(at, 1);
  subject.members.unshift(chosen);
  for (const one of subject.members) { one.difference = null; one.facts = null; }
  viewer.open(subject, at === position ? 1 : position < at ? position + 1 : position);
}

function swap(subject, position) {
  const [first, other] = [subject.members[0], subject.members[position]];
  if (!other || other === first) return;
  [subject.members[0], subject.members[position]] = [other, first];
  for (const one of subject.members) { one.difference = null; one.facts = null; }
  viewer.open(subject, position);
}

function details(subject, position) {
  isOpen = !isOpen;
  viewer.redraw(subject);
  learn(subject, position).catch(() => {});
}

// What is known of both images; what differs is marked.
function facts(other) {
  if (!other.facts) return el("p", { class: "facts-of-two", role: "status" }, "Comparing …");
  const cell = (value, differs) => el("td", { class: differs ? "differs" : false }, shown(value), differs ? el("span", { class: "unseen" }, " (differs)") : null);
  return el("div", { class: "facts-of-two", tabindex: "0", role: "region", "aria-label": "Details" },
    other.facts.sharpness ? el("p", {}, other.facts.sharpness) : null,
    el("table", {}, el("thead", {}, el("tr", {}, ["", "First", "Second"].map((words) => el("th", { scope: "col" }, words || el("span", { class: "unseen" }, "What"))))),
      el("tbody", {}, other.facts.lines.map(([name, one, two, differs]) =>
        el("tr", {}, el("th", { scope: "row" }, name), cell(one, differs), cell(two, differs))))));
}

// --- deciding here -------------------------------------------------------------------------------

// The lists below are asked for again once nothing leads on from here any more.
let isRegrouped = false;
function regroup() {
  if (isRegrouped) document.dispatchEvent(new CustomEvent("regrouped"));
  isRegrouped = false;
}
dialog.addEventListener("close", regroup);

async function apart(subject, position) {
  const rows = two(subject, position).map(({ row }) => row);
  if (rows.length < 2 || rows.includes(undefined)) return;
  await postInTurn("remember", { rows, decision: "not-copies" });
  askProgress();
  isRegrouped = true;
  if (dialog.open) onward(subject, position);
  else regroup();
}

// Goes on to the next undecided image of the subject, else to the next subject; unless one has gone
// on already, as after a key that was pressed twice.
function onward(subject, position) {
  if (!viewer.isAt(subject, position)) return;
  const { members } = subject;
  const next = members.findIndex((one, place) => place > position && one.row !== undefined && !decisionOf(one.own));
  if (next > 0) viewer.open(subject, next);
  else steps(1);
}

// Keys decide on the second image, with Shift on the first.
function onKey(event, subject, position) {
  const key = event.key.toLowerCase();
  const image = subject.members[event.shiftKey ? 0 : position];
  if (KEYS[key] !== undefined && image && image.row !== undefined) {
    decide([image.row], KEYS[key]).then(() => KEYS[key] && !event.shiftKey && onward(subject, position)).catch(() => {});
    return true;
  }
  const acts = { n: () => apart(subject, position).catch(() => {}), s: () => steps(1), z: () => undo().catch(() => {}),
    w: () => swap(subject, position), i: () => details(subject, position) };
  if (!acts[key]) return false;
  acts[key]();
  return true;
}

document.addEventListener("decided", ({ detail }) => viewer.change((subject) => {
  for (const { own } of subject.members) {
    if (detail.decisions[own.row] !== undefined) own.decided = detail.decisions[own.row];
  }
}));

// --- any two -------------------------------------------------------------------------------------

let pinned = null;

// A button by which an image is compared with another one, whose button is pressed next.
export function compareButton(image) {
  const element = el("button", { type: "button", class: "compare", "data-compare": "", "aria-pressed": "false",
    "aria-label": "Compare " + plain(image.name), title: "key c" }, "Compare");
  element.addEventListener("click", () => {
    const first = pinned;
    if (first) first.element.setAttribute("aria-pressed", "false");
    pinned = null;
    if (!first) {
      pinned = { image, element };
      element.setAttribute("aria-pressed", "true");
    } else if (first.image.row !== image.row) {
      lookAt({ title: "Two images", images: [first.image, image] }, 1, () => {});
    }
  });
  return element;
}
