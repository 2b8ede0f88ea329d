// Images by their flaws, with limits that can be moved, or by what was measured.
import { get, postInTurn } from "./api.js";
import { cardList } from "./cards.js";
import { capital, chip, count, el } from "./elements.js";
import { lookAt, tile } from "./tiles.js";
import { chosen, find, select, showCount, status } from "./tools.js";

const ISSUE = "issue:";
// What is shown, and the limits that were moved, for as long as the page is open.
let show = null, issues = null;
const limits = new Map();

const issueNamed = (name) => issues && issues.find((issue) => ISSUE + issue.name === name);
const limitOf = (issue) => limits.get(issue.name) ?? issue.limit;
export const issueWords = (name) => capital(name.replaceAll("_", " "));

// `given`: what the address says of the choice.
export function qualityView(summary, given = {}) {
  const line = status(), place = el("div", { class: "issue" }), choice = el("div", { class: "chosen" });
  const { metrics } = summary;
  const cards = cardList({
    call: () => (issueNamed(show) ? "issue" : "quality"),
    params: () => {
      const issue = issueNamed(show);
      return issue ? { issue: issue.name, limit: limitOf(issue), find: chosen.find } : { metric: show, find: chosen.find };
    },
    layout: "single",
    card: (image, number) => card(image, number, cards),
    onAnswer: ({ total }) => {
      const issue = issueNamed(show);
      if (issue && limitOf(issue) === issue.limit && !chosen.find) issue.n = total;
      showCount(line, total, "image", issue ? ` of ${count(summary.images)}` : "");
      for (const button of place.querySelectorAll("button")) button.disabled = !total;
    },
    nothing: ["No such images", "Move the limit to see images that come close. No statistics are stored for features that you supplied."],
  });

  function change(value) {
    show = value;
    showLimit();
    return cards.refresh();
  }

  // The limit of an issue, and what can be done with all that are beyond it.
  function showLimit() {
    const issue = issueNamed(show);
    place.hidden = !issue;
    if (!issue) return;
    const [from, to, step] = issue.span;
    const output = el("output", {});
    const input = el("input", { type: "range", id: "limit", min: from, max: to, step, value: limitOf(issue) });
    const word = issue.above ? "above" : "below";
    const say = () => { output.textContent = `${word} ${Number(input.value).toLocaleString("en")}`; };
    input.addEventListener("input", () => { limits.set(issue.name, Number(input.value)); say(); cards.refresh(); });
    say();
    const plan = el("button", { type: "button", class: "button", id: "plan-issue" }, "Plan their removal");
    plan.addEventListener("click", () => planRemoval(summary, `${issue.name}=${limitOf(issue)}`));
    place.replaceChildren(el("p", { class: "lead" }, `${issueWords(issue.name)}: ${issue.words}.`),
      el("label", { class: "field slider" }, el("span", {}, `${capital(issue.measure)} `, output), input), plan);
  }

  async function start() {
    issues ??= (await get("issues")).items;
    const found = issues.find(({ n }) => n);
    const isKnown = (name) => issueNamed(name) || metrics.some((metric) => metric.name === name);
    if (given.show && isKnown(given.show)) show = given.show;
    const issue = issueNamed(show), limit = Number(given.limit);
    if (issue && given.limit && limit >= issue.span[0] && limit <= issue.span[1]) limits.set(issue.name, limit);
    show ??= found ? ISSUE + found.name : metrics.length ? metrics[0].name : "blur";
    const flaws = issues.map((issue) => [ISSUE + issue.name, `${issueWords(issue.name)} (${count(issue.n)})`]);
    const measures = metrics.map(({ name, words }) => [name, `All, ${words} first`]);
    choice.replaceChildren(select("Show", [...flaws, ...measures], show, change));
    await change(show);
  }

  return {
    title: "Quality",
    lead: "Images with a flaw, the worst first. Move the limit to see more or fewer, or sort all images by a measure.",
    tools: [choice, find(cards.refresh, summary), line],
    main: el("div", {}, place, cards.element),
    ready: start(),
    state: () => ({ show, limit: issueNamed(show) ? limits.get(issueNamed(show).name) : undefined }),
  };
}

// Goes to the clean-up, which then plans the removal of files with one flaw.
export async function planRemoval(summary, what) {
  Object.assign(summary.choices, await postInTurn("rule", { what: [what], never: summary.choices.never }));
  location.hash = "plan";
}

function card(image, number, cards) {
  const look = (at) => {
    const item = cards.list.children[at];
    if (!item) return;
    lookAt({ title: `Image ${at + 1}`, images: [item.image] }, 0, async (by) => {
      if (at + by >= cards.list.children.length) await cards.more();
      look(at + by);
    });
  };
  const value = typeof image.value === "number" ? image.value.toLocaleString("en", { maximumFractionDigits: 2 }) : image.value;
  const element = el("li", {}, el("article", { class: "card", "aria-label": `Image ${number + 1}` },
    el("div", { class: "tiles" }, tile(image, { notes: value === undefined ? [] : [chip(value, "number")],
      look: () => look(number) }))));
  element.image = image;
  return element;
}
