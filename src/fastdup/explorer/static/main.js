// Which view is shown, and the keys that all of them share.
import { choose, goTo, keepAddress, readAddress } from "./address.js";
import { get } from "./api.js";
import { shownCards } from "./cards.js";
import { askProgress, decideByKey, setMore } from "./deciding.js";
import { count, el, setRoot, shown } from "./elements.js";
import { groupsView } from "./groups.js";
import { mapView } from "./map.js";
import { outliersView, pairsView } from "./pairs.js";
import { planView } from "./plan.js";
import { badView } from "./bad.js";
import { qualityView } from "./quality.js";
import { decidedView } from "./remembered.js";
import { droppedFiles, searchView } from "./search.js";
import { setsView } from "./sets.js";
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
  ["sets", "Data sets", setsView, null],
];
const byId = (id) => document.getElementById(id);

// The token is in a cookie by now; in the address others could read it over one's shoulder.
history.replaceState(null, "", location.pathname + location.hash);
// Below the start page, the name leads back to it.
if (location.pathname.startsWith("/results/")) document.querySelector(".brand").replaceChildren(el("a", { href: "/" }, "‹ Start"));
history.scrollRestoration = "manual";
setMore(async () => { if (shownCards()) await shownCards().more(); });

const summary = await get("summary");
setRoot(summary.root);
chosen.threshold = summary.threshold;
let view = null;

byId("where").append(shown(summary.work_dir));

function showNav() {
  byId("nav").replaceChildren(...VIEWS.map(([name, words, , counted]) =>
    el("a", { href: "#" + name, "data-view": name, "aria-current": view && view.name === name ? "page" : null }, words,
      counted ? el("span", { class: "n" }, " " + count(summary[counted])) : null)));
}
showNav();

function show() {
  const [name, given] = readAddress();
  if (given) choose(given, summary.lowest);
  const [found, words, make] = VIEWS.find(([known]) => known === name) || VIEWS[0];
  if (view && view.leave) view.leave();
  for (const open of document.querySelectorAll("dialog[open]")) open.close();  // it was of that view
  for (const link of byId("nav").children) {
    if (link.dataset.view === found) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  view = make(summary, given || {});
  view.name = found;
  document.title = `${words} · fastdup explorer`;
  byId("title").textContent = view.title;
  byId("lead").textContent = view.lead;
  const tools = view.tools.flat().filter(Boolean);
  byId("tools").replaceChildren(...tools);
  byId("tools").hidden = byId("fold").hidden = !tools.length;
  const main = byId("main");
  main.replaceChildren(view.main);
  main.setAttribute("aria-busy", "true");
  const shownNow = view;
  byId("nav").querySelector("[aria-current]").scrollIntoView({ block: "nearest", inline: "nearest" });  // on a phone they are in one line
  window.scrollTo(0, 0);
  askProgress().catch(() => {});
  shownNow.ready.catch(() => {}).finally(() => {
    if (view === shownNow) main.setAttribute("aria-busy", "false");
  });
  // The place is gone to once, when the list is there.
  view.ready.catch(() => {}).then(() => view === shownNow && given && given.at && goTo(Number(given.at) || 0, shownCards()))
    .then(() => { shownNow.isPlaced = true; if (view === shownNow) keep(); });
}

// The address may name the next view already, which `show` is about to make.
const isLeft = () => view.name !== (VIEWS.find(([known]) => known === readAddress()[0]) || [view.name])[0];
const keep = () => { if (view && view.isPlaced && !isLeft()) keepAddress(view.name, view.state ? view.state() : {}); };
let scrolling;
document.addEventListener("listed", keep);
window.addEventListener("scroll", () => { clearTimeout(scrolling); scrolling = setTimeout(keep, 200); }, { passive: true });

// After a clean-up, or its undo, the numbers are others.
document.addEventListener("cleaned", async () => {
  Object.assign(summary, await get("summary"), { choices: summary.choices });
  showNav();
  askProgress().catch(() => {});
});

// What gets the focus is not under the bars that stay at the top and at the bottom.
const OUTLINE = 8;
const [barAbove, barBelow] = [".bar", ".progress"].map((name) => document.querySelector(name));
const staying = (bar) => (getComputedStyle(bar).position === "sticky" ? bar.offsetHeight + OUTLINE : 0);
const bars = new ResizeObserver(() => {
  document.documentElement.style.scrollPadding = `${staying(barAbove)}px 0 ${staying(barBelow)}px`;
});
for (const bar of [barAbove, barBelow]) bars.observe(bar);

// On a narrow screen the fields are folded.
byId("fold").addEventListener("click", () => {
  const isOpen = byId("tools").classList.toggle("open");
  byId("fold").setAttribute("aria-expanded", String(isOpen));
});

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
  if (event.repeat && !["j", "k"].includes(event.key)) return;  // a key held down decides once
  const number = /^\d$/.test(event.key) ? Number(event.key) || 10 : 0;
  if ((view.onKey && view.onKey(event)) || decideByKey(event)) event.preventDefault();
  else if (number >= 1 && number <= VIEWS.length) location.hash = VIEWS[number - 1][0];
  else if (event.key === "j") focusCard(1);
  else if (event.key === "k") focusCard(-1);
  else if (event.key === "/" && byId("find")) { event.preventDefault(); byId("find").focus(); }
});

// --- images dropped anywhere are searched for -------------------------------------------------

document.addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.add("dropping");
});
document.addEventListener("dragleave", () => document.body.classList.remove("dropping"));
document.addEventListener("drop", async (event) => {
  event.preventDefault();
  document.body.classList.remove("dropping");
  const files = await droppedFiles(event.dataTransfer);
  if (!files.length) return;
  if (!view.search) {
    history.pushState(null, "", "#search");
    show();
  }
  view.search(files);
});

document.addEventListener("regrouped", () => { if (shownCards()) shownCards().again(); });
window.addEventListener("hashchange", show);
show();
