// The files that could not be used, by reason, and those that are no images, by kind.
import { cardList } from "./cards.js";
import { count, chip, el, folderLine, shown } from "./elements.js";
import { planRemoval } from "./quality.js";
import { chosen, find, select, showCount, status } from "./tools.js";

let only = "";

export function badView(summary) {
  const line = status(), choice = el("div", { class: "chosen" });
  const plan = el("button", { type: "button", class: "button", id: "plan-issue", hidden: true });
  plan.addEventListener("click", () => planRemoval(summary, "broken"));
  const cards = cardList({
    call: "bad",
    params: () => ({ find: chosen.find, ...Object.fromEntries(only ? [only.split(":")] : []) }),
    layout: "bad",
    card: (file) => el("li", {}, el("article", { class: "card" },
      el("header", { class: "head" }, el("h2", {}, shown(file.name)),
        el("ul", { class: "chips" }, chip(file.words, file.reason === "side_file" ? "" : "goes"))),
      el("p", {}, shown(file.detail)),
      folderLine(file.dir))),
    onAnswer: (answer) => {
      showCount(line, answer.total - answer.side, "bad file", answer.side ? `, and ${count(answer.side)} that are not images` : "");
      plan.hidden = !answer.broken;
      plan.textContent = `Plan the removal of ${count(answer.broken)} broken`;
      if (!choice.firstChild) offer(answer);
    },
    nothing: ["No bad files", "All files could be used."],
  });

  function offer({ reasons, kinds }) {
    const options = [["", "all"],
      ...reasons.map(([name, words, n]) => [`reason:${name}`, `${words} (${count(n)})`]),
      ...kinds.map(([ending, n]) => [`kind:${ending}`, `Not images: ${ending === "none" ? "without an ending" : ending} (${count(n)})`])];
    choice.append(select("Only", options, only, (value) => { only = value; cards.refresh(); }));
  }

  return {
    title: "Bad files",
    lead: "Files that could not be used, and why. Files that are not meant to be images come last.",
    tools: [choice, find(cards.refresh), plan, line],
    main: cards.element,
    ready: cards.refresh(),
  };
}
