// Lists of cards that grow while one scrolls, a page of answers at a time.
import { get } from "./api.js";
import { count, el } from "./elements.js";
import { photosLookedFor } from "./tools.js";

const AT_ONCE = 24, MOST = 200;
const AHEAD = "1200px";

let shown = null;

// Returns the list that is on the page, null where there is none.
export const shownCards = () => (shown && shown.element.isConnected ? shown : null);

// `call`, a name or what returns one, and `params()` are what to ask for; `card(item, number, asked)` makes an element of an
// answer to the params `asked`, which may be others than those of now; `onAnswer(answer, asked)` is called with each first page.
// `layout` is that of a gallery's cards.
export function cardList({ call, params: now, card, onAnswer = () => {}, layout = "row", nothing }) {
  const list = el("ol", { class: `cards ${layout}`, id: "cards" });
  const end = el("div", { "aria-hidden": "true" });
  let total = 0, asking = null, isWhole = true;

  const nearEnd = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting) && !asking && !isWhole) more();
  }, { rootMargin: AHEAD });
  nearEnd.observe(end);

  async function page(start, n) {
    const mine = new AbortController();
    const params = { ...photosLookedFor(), ...now() };
    if (asking) asking.abort();
    asking = mine;
    try {
      const answer = await get(typeof call === "function" ? call() : call, { ...params, start, n }, mine.signal);
      return { answer, asked: params };
    } catch {
      return {};
    } finally {
      if (asking === mine) asking = null;
    }
  }

  function append(answer, asked) {
    const from = list.children.length;
    list.append(...answer.items.map((item, at) => card(item, from + at, asked)));
    total = answer.total;
    isWhole = list.children.length >= total || !answer.items.length;
    nearEnd.unobserve(end);
    if (!isWhole) requestAnimationFrame(() => nearEnd.observe(end));
  }

  async function next() {
    const { answer, asked } = await page(list.children.length, AT_ONCE);
    if (answer) append(answer, asked);
  }

  // What is asked for already comes first.
  let coming = null;
  const more = () => (asking ? coming : (coming = next()));

  // Asks again, from the start; `n` cards.
  const refresh = (n = AT_ONCE) => (coming = renew(n));
  async function renew(n) {
    const { answer, asked } = await page(0, typeof n === "number" ? n : AT_ONCE);
    if (!answer) return;
    list.replaceChildren();
    append(answer, asked);
    empty.hidden = answer.total > 0;
    list.hidden = answer.total === 0;
    onAnswer(answer, asked);
    document.dispatchEvent(new CustomEvent("listed"));
  }

  const empty = el("section", { class: "nothing", hidden: true },
    el("h2", {}, nothing[0]), el("p", {}, nothing[1]));
  const element = el("div", {}, list, empty, end);
  // Asks again for the cards that are there, so that the place is the same.
  const again = () => refresh(Math.min(MOST, Math.max(AT_ONCE, list.children.length)));
  shown = { element, list, refresh, again, more: () => (isWhole ? Promise.resolve() : more()), total: () => total };
  return shown;
}

export function head(title, word, s, facts = []) {
  return el("header", { class: "head" },
    el("h2", {}, el("span", { class: "number" }, title + " "), word ? el("span", { class: "word" }, word) : null),
    facts.length ? el("ul", { class: "chips" }, facts.map((fact) => el("li", { class: "chip fact" }, fact))) : null,
    s ? el("p", { class: "similarity" }, el("span", { class: "unseen" }, "similarity "), s) : null,
    el("p", { class: "finding", hidden: true }));
}

export const amount = (n, noun) => `${count(n)} ${noun}${n === 1 ? "" : "s"}`;
