// The files that could not be used, by reason, and those that are no images, by kind.
import { amount, cardList } from "./cards.js";
import { postInTurn } from "./api.js";
import { showProgress } from "./deciding.js";
import { count, chip, el, folderLine, plain, shown } from "./elements.js";
import { planRemoval } from "./quality.js";
import { chosen, find, select, showCount, status } from "./tools.js";

const DECISIONS = { y: ["keep", "Keep"], x: ["remove", "Remove"] };
let only = "";

// `given`: what the address says of the choice.
export function badView(summary, given = {}) {
  if (/^(reason|kind):/.test(given.only || "")) only = given.only;
  const line = status(), choice = el("div", { class: "chosen" });
  const plan = el("button", { type: "button", class: "button", id: "plan-issue", hidden: true });
  plan.addEventListener("click", () => planRemoval(summary, "broken"));
  const planChosen = el("button", { type: "button", class: "button", id: "plan-chosen", hidden: true });
  planChosen.addEventListener("click", () => planRemoval(summary, "chosen"));
  const cards = cardList({
    call: "bad",
    params: () => ({ find: chosen.find, ...Object.fromEntries(only ? [only.split(":")] : []) }),
    layout: "bad",
    card,
    onAnswer: (answer) => {
      showCount(line, answer.total - answer.side, "bad file", answer.side ? `, and ${count(answer.side)} that are not images` : "");
      plan.hidden = !answer.broken;
      plan.textContent = `Plan the removal of ${amount(answer.broken, "broken file")}`;
      planChosen.hidden = !answer.chosen;
      planChosen.textContent = `Plan the removal of the ${count(answer.chosen)} you chose`;
      if (!choice.firstChild) offer(answer);
    },
    nothing: ["No bad files", "All files could be used."],
  });

  // One file with the reason, and what is decided on it.
  function card(file) {
    const facts = [file.size, file.day && `changed ${file.day}`].filter(Boolean).join(", ");
    const item = el("li", {}, el("article", { class: "card" },
      el("header", { class: "head" }, el("h2", {}, shown(file.name)),
        el("ul", { class: "chips" }, chip(file.words, file.reason === "side_file" ? "" : "goes"))),
      file.detail.length ? el("p", {}, shown(file.detail)) : null,
      facts ? el("p", { class: "measures" }, facts) : null,
      folderLine(file.dir),
      el("div", { class: "decide", role: "group", "aria-label": "Decide on " + plain(file.name) },
        Object.entries(DECISIONS).map(([key, [decision, words]]) => {
          const button = el("button", { type: "button", title: `key ${key}`, "data-decision": decision,
            "aria-pressed": String(file.decided === decision) }, words);
          button.addEventListener("click", () => decide(item, file.decided === decision ? "" : decision));
          return button;
        }))));
    item.file = file;
    return item;
  }

  // Decides on a file; the next one that is undecided has the focus then.
  async function decide(item, decision) {
    const at = [...cards.list.children].indexOf(item);
    showProgress(await postInTurn("decide_bad", { number: item.file.number, decision, threshold: chosen.threshold }));
    await cards.again();
    const rest = [...cards.list.children].slice(decision ? at + 1 : at);
    const next = (decision && rest.find((one) => !one.file.decided)) || cards.list.children[at];
    if (next) next.querySelector("button").focus();
  }

  function onKey(event) {
    const item = document.activeElement.closest("#cards > li");
    if (!item || !item.file || !(event.key in DECISIONS || event.key === "u")) return false;
    decide(item, event.key === "u" ? "" : DECISIONS[event.key][0]).catch(() => {});
    return true;
  }

  const again = () => cards.again();
  document.addEventListener("undone", again);

  function offer({ reasons, kinds }) {
    const options = [["", "all"],
      ...reasons.map(([name, words, n]) => [`reason:${name}`, `${words} (${count(n)})`]),
      ...kinds.map(([ending, n]) => [`kind:${ending}`, `Not images: ${ending === "none" ? "without an ending" : ending} (${count(n)})`])];
    choice.append(select("Only", options, only, (value) => { only = value; cards.refresh(); }));
  }

  return {
    title: "Bad files",
    lead: "Files that could not be used, and why. Files that are not meant to be images come last.",
    tools: [choice, find(cards.refresh), plan, planChosen, line],
    main: cards.element,
    ready: cards.refresh(),
    state: () => ({ only }),
    onKey,
    leave: () => document.removeEventListener("undone", again),
  };
}
