// Decisions on images, the same below every tile of every view: keep, remove, or neither. They are
// stored at once, and can be undone. After each, the next image that is undecided has the focus.
//
// A tile is an element with the class "tile", a `data-row`, and the image itself as `tile.image`,
// whose `decided` is "keep", "remove", or missing. `tile()` of tiles.js makes such tiles, with the
// buttons of `decideBelow` in them; nothing else is needed in a view.
//
// At each decision the document has an event "decided" with `detail.rows`, after the tiles were
// changed, "regrouped" where other images may be in groups now, and "progress" with its answer.
import { get, postInTurn } from "./api.js";
import { count, el, plain } from "./elements.js";
import { chosen } from "./tools.js";

const WORDS = [["keep", "Keep", "y"], ["remove", "Remove", "x"]];
const KEYS = { y: "keep", x: "remove", u: "" };

export const decisionOf = (image) => image.decided || "";

// The buttons below the tile of an image; `more` are other buttons beside them. `lead()` is called
// after a decision; by default the next undecided tile gets the focus.
export function decideBelow(image, more = [], lead = null) {
  const place = el("div", { class: "decide", role: "group", "aria-label": "Decide on " + plain(image.name) });
  const buttons = WORDS.map(([decision, words, key]) => {
    const button = el("button", { type: "button", "data-decision": decision, title: `key ${key}` }, words);
    button.addEventListener("click", () => {
      const now = decisionOf(image) === decision ? "" : decision;
      decide([image.row], now).then(() => now && (lead ? lead() : focusNext(place.closest(".tile")))).catch(() => {});
    });
    return button;
  });
  place.show = () => {
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.decision === decisionOf(image)));
    }
  };
  place.show();
  place.append(...buttons, ...[more].flat(2).filter(Boolean));
  return place;
}

// Decides on images by their rows: "keep", "remove", or "" for neither.
export const decide = (rows, decision) => decideOn({ rows }, decision);

// The same on what the server finds by `what`: {rows}, or {row} for all of the group of an image.
export async function decideOn(what, decision) {
  const answer = await postInTurn("decide", { threshold: chosen.threshold, ...what, decision });
  updateTiles(Object.fromEntries(answer.rows.map((row) => [row, decision])));
  showProgress(answer);
  return answer;
}

export async function undo() {
  const answer = await postInTurn("undo", { threshold: chosen.threshold });
  const rows = Object.keys(answer.decided).map(Number);
  updateTiles(answer.decided);
  showProgress(answer);
  document.dispatchEvent(new CustomEvent("undone"));
  if (answer.regrouped) document.dispatchEvent(new CustomEvent("regrouped"));
  const at = document.querySelector(rows.map((row) => `#main .tile[data-row="${row}"] .stage`).slice(0, 50).join(",") || "none");
  if (at && !document.querySelector("dialog[open]")) focusOn(at);
  return answer;
}

// Updates all tiles by what is decided on their images now: row → decision.
function updateTiles(decisions) {
  for (const tile of document.querySelectorAll(".tile[data-row]")) {
    const now = decisions[tile.dataset.row];
    if (now === undefined || !tile.image) continue;
    tile.image.decided = now;
    const place = tile.querySelector(".decide");
    if (place && place.show) place.show();
  }
  const rows = Object.keys(decisions).map(Number);
  document.dispatchEvent(new CustomEvent("decided", { detail: { rows, decisions } }));
}

// --- what comes next -----------------------------------------------------------------------------

let more = async () => {};

// `ask` brings more cards of the list that is shown, if there are any.
export const setMore = (ask) => { more = ask || (async () => {}); };

const tilesOf = (place) => [...place.querySelectorAll(".tile[data-row]")]
  .filter((tile) => tile.image && tile.querySelector(".decide") && !tile.closest("details:not([open])"));

// A card of several images needs no more decisions when all but one are decided.
function isSettled(tile) {
  const tiles = tilesOf(tile.closest(".card") || tile);
  return tiles.length > 1 && tiles.filter((one) => !decisionOf(one.image)).length <= 1;
}

function focusOn(element) {
  element.focus();
  element.scrollIntoView({ block: "nearest" });
}

// Returns the next undecided tile after one, `past` its card if that is to be skipped.
async function next(tile, past) {
  const card = tile.closest(".card");
  const is = (one) => !decisionOf(one.image) && !isSettled(one) && !(past && one.closest(".card") === card);
  for (let tries = 0; tries < 3; tries++) {
    const tiles = tilesOf(document.getElementById("main"));
    const found = tiles.slice(tiles.indexOf(tile) + 1).find(is);
    if (found) return found;
    await more();
  }
  return null;
}

export async function focusNext(tile, past = false) {
  if (!tile || !tile.isConnected) return;
  const found = await next(tile, past);
  const at = (found || tile).querySelector("button.stage") || tile.querySelector(".decide button");
  if (at) focusOn(at);
  if (!found) say("No undecided image comes after this one.");
}

// A button by which a card is left undecided.
export function skipButton() {
  const button = el("button", { type: "button", title: "key s" }, "Skip");
  button.addEventListener("click", () => skip(button.closest(".card")));
  return button;
}

function skip(card) {
  const tiles = card ? tilesOf(card) : [];
  if (tiles.length) focusNext(tiles[tiles.length - 1], true);
}

// Does what a key stands for where the focus is.
export function decideByKey(event) {
  if (event.key === "z") { undo().catch(() => {}); return true; }
  const tile = document.activeElement.closest(".tile[data-row]");
  if (event.key === "s" && document.activeElement.closest(".card")) {
    skip(document.activeElement.closest(".card"));
    return true;
  }
  if (tile && event.key === "c" && tile.querySelector("[data-compare]")) {
    tile.querySelector("[data-compare]").click();
    return true;
  }
  if (!tile || !tile.image || KEYS[event.key] === undefined || !tile.querySelector(".decide")) return false;
  const decision = KEYS[event.key];
  decide([tile.image.row], decision).then(() => decision && focusNext(tile)).catch(() => {});
  return true;
}

// --- the line at the bottom ----------------------------------------------------------------------

const line = document.getElementById("decided-line");
const button = document.getElementById("undo");
const saying = document.getElementById("said");

function say(words) { saying.textContent = words; }

// Shows how far one is; `progress` is what the server answers to "progress" and to each decision.
export function showProgress(progress) {
  const removed = progress.to_remove ? `${count(progress.to_remove)} to remove, ${progress.freed} to be freed` : "";
  const others = progress.decided_others ? `${count(progress.decided_others)} ${progress.decided_others === 1 ? "image" : "images"} in no group` : "";
  const bad = progress.decided_bad ? `${count(progress.decided_bad)} bad ${progress.decided_bad === 1 ? "file" : "files"}` : "";
  const apart = progress.not_copies ? `${count(progress.not_copies)} marked as not copies` : "";
  line.textContent = [`Decided ${count(progress.decided_groups)} of ${count(progress.groups)} groups`, others, bad, apart, removed].filter(Boolean).join(" · ");
  const { steps, next: words } = progress.undo;
  button.disabled = !steps;
  button.title = steps ? `${plain(words)} (key z)` : "";
  button.querySelector(".n").textContent = steps ? ` ${count(steps)}` : "";
  say("");
  document.dispatchEvent(new CustomEvent("progress", { detail: progress }));
}

export const askProgress = async () => showProgress(await get("progress", { threshold: chosen.threshold }));

button.addEventListener("click", () => undo().catch(() => {}));
