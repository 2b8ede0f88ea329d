// Which view is shown, and the keys that all of them share.
import { get } from "./api.js";
import { askProgress, decideByKey, setMore } from "./deciding.js";
import { count, el, shown } from "./elements.js";
import { groupsView } from "./groups.js";
import { mapView } from "./map.js";
import { outliersView, pairsView } from "./pairs.js";
import { planView } from "./plan.js";
import { badView } from "./bad.js";
import { qualityView } from "./quality.js";
import { decidedView } from "./remembered.js";
import { searchView } from "./search.js";
import { chosen } from "./tools.js";

const VIEWS = [
  ["groups", "Groups", groupsView, null],
  ["pairs", "Pairs", pairsView, "pairs"],
  ["outliers", "Outliers", outliersView, "outliers"],
  ["quality", "Quality", qualityView, null],
  ["bad", "Bad files", badView, "bad"],
  ["map", "Map", mapView, null],
  ["search", "Search", searchView, null],
  ["plan", "Clean up", planView, null],
  ["decided", "Decided", decidedView, null],
];
const byId = (id) => document.getElementById(id);

// The token is in a cookie by now; in the address others could read it over one's shoulder.
history.replaceState(null, "", location.pathname + location.hash);
// Below the start page, the name leads back to it.
if (location.pathname !== "/") document.querySelector(".brand").replaceChildren(el("a", { href: "/" }, "‹ Start"));

const summary = await get("summary");
chosen.threshold = summary.threshold;
let view = null;

byId("where").append(shown(summary.work_dir));

byId("nav").append(...VIEWS.map(([name, words, , counted]) =>
  el("a", { href: "#" + name, "data-view": name }, words,
    counted ? el("span", { class: "n" }, " " + count(summary[counted])) : null)));

function show() {
  const name = location.hash.slice(1);
  const [found, words, make] = VIEWS.find(([known]) => known === name) || VIEWS[0];
  if (view && view.leave) view.leave();
  for (const link of byId("nav").children) {
    if (link.dataset.view === found) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  view = make(summary);
  document.title = `${words} · fastdup explorer`;
  byId("title").textContent = view.title;
  byId("lead").textContent = view.lead;
  const tools = view.tools.flat().filter(Boolean);
  byId("tools").replaceChildren(...tools);
  byId("tools").hidden = !tools.length;
  const main = byId("main");
  main.replaceChildren(view.main);
  main.setAttribute("aria-busy", "true");
  const shownNow = view;
  setMore(view.cards && view.cards.more);
  askProgress().catch(() => {});
  shownNow.ready.catch(() => {}).finally(() => {
    if (view === shownNow) main.setAttribute("aria-busy", "false");
  });
  window.scrollTo(0, 0);
}

// --- keyboard --------------------------------------------------------------------------------

function focusCard(by) {
  const items = [...document.querySelectorAll("#main .cards > li")];
  const at = items.indexOf(document.activeElement.closest(".cards > li")) + by;
  const item = items[Math.max(0, Math.min(at, items.length - 1))];
  const target = item && (item.querySelector("button") || item);
  if (!target) return;
  target.focus();
  item.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("textarea, select, dialog, input:not([type=range])");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const number = Number(event.key);
  if ((view.onKey && view.onKey(event)) || decideByKey(event)) event.preventDefault();
  else if (number >= 1 && number <= VIEWS.length) location.hash = VIEWS[number - 1][0];
  else if (event.key === "j") focusCard(1);
  else if (event.key === "k") focusCard(-1);
  else if (event.key === "/" && byId("find")) { event.preventDefault(); byId("find").focus(); }
});

// --- an image dropped anywhere is searched for -------------------------------------------------

document.addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("dropping");
});
document.addEventListener("dragleave", () => document.body.classList.remove("dropping"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("dropping");
  const file = event.dataTransfer.files[0];
  if (!file) return;
  if (!view.search) {
    history.pushState(null, "", "#search");
    show();
  }
  view.search(file);
});

document.addEventListener("regrouped", () => { if (view.cards) view.cards.again(); });
window.addEventListener("hashchange", show);
show();
