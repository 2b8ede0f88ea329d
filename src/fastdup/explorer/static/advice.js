// Which threshold: the histogram of similarities above the precision at each threshold.
import { get } from "./api.js";
import { el } from "./elements.js";
import { select } from "./tools.js";

const PRECISIONS = [["0.9", "90 %"], ["0.95", "95 %"], ["0.99", "99 %"], ["0.999", "99.9 %"]];
let precision = "0.99";

// Made when it is opened; `choose` is called with the advised threshold.
export function adviceSection(choose) {
  const found = el("div", { class: "found", "aria-live": "polite" });
  async function show() {
    const { figure, threshold, lines, notes } = await get("advice", { precision });
    const picture = el("img", { src: "data:image/svg+xml," + encodeURIComponent(figure), alt: lines.join("; ") });
    const use = el("button", { type: "button", class: "button", hidden: threshold === null },
      `Show pairs from ${threshold} on`);
    use.addEventListener("click", () => choose(threshold));
    found.replaceChildren(...lines.map((line) => el("p", {}, line)), use, picture,
      el("ul", { class: "notes" }, notes.map((note) => el("li", {}, note))));
  }
  const again = (value) => { precision = value; show().catch(() => {}); };
  const section = el("details", { class: "advice" }, el("summary", {}, "Which threshold?"),
    select("Wanted precision", PRECISIONS, precision, again), found);
  section.addEventListener("toggle", () => { if (section.open) show().catch(() => {}); });
  return section;
}
