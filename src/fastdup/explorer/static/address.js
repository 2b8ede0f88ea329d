// The address of the page: which view is shown, what is looked for in it, and the place in its list.
// So a reload, a bookmark, and the browser's back and forward lead to the same place.
import { chosen } from "./tools.js";

const LOOKED_FOR = ["find", "camera", "since", "until"];

// Returns the view's name and what the address says of it; null where it says nothing.
export function readAddress() {
  const [name, query] = location.hash.slice(1).split("?");
  return [name, query === undefined ? null : Object.fromEntries(new URLSearchParams(query))];
}

// Chooses what the address says.
export function choose(given, lowest) {
  for (const name of LOOKED_FOR) chosen[name] = given[name] || "";
  const threshold = Number(given.threshold);
  if (given.threshold && threshold >= lowest && threshold <= 1) chosen.threshold = threshold;
}

const place = () => {
  const items = [...document.querySelectorAll("#main .cards > li")];
  const at = items.findIndex((item) => item.getBoundingClientRect().bottom > 80);
  return at > 0 && window.scrollY > 0 ? at : null;
};

// Keeps in the address what is chosen now; `more` is what the view adds.
export function keepAddress(name, more = {}) {
  const values = { threshold: chosen.threshold, ...Object.fromEntries(LOOKED_FOR.map((key) => [key, chosen[key]])), ...more, at: place() };
  const said = Object.entries(values).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  history.replaceState(null, "", `${location.pathname}#${name}?${new URLSearchParams(said)}`);
}

// Goes to a place in the list of a view, which is asked for as far as there.
export async function goTo(at, cards) {
  while (cards && cards.list.children.length <= at) {
    const n = cards.list.children.length;
    await cards.more();
    if (cards.list.children.length === n) break;
  }
  const item = cards && cards.list.children[Math.min(at, cards.list.children.length - 1)];
  // Cards get their true size once they are near the window.
  for (let times = 0; item && times < 3; times++) {
    item.scrollIntoView({ block: "start" });
    await new Promise(requestAnimationFrame);
  }
}
