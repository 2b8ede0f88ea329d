// Pairs of images, and outliers beside their nearest image.
import { adviceSection } from "./advice.js";
import { cardList, head } from "./cards.js";
import { el } from "./elements.js";
import { marksSwitch } from "./marks.js";
import { wholeCard, rememberByKey } from "./remembered.js";
import { lookAt, sayDifferences, tile } from "./tiles.js";
import { chosen, find, select, showCount, status, threshold } from "./tools.js";

const ORDERS = [["similar", "Most similar first"], ["loose", "Least similar first"]];
let order = "similar";

export function pairsView(summary, given = {}) {
  order = ORDERS.some(([name]) => name === given.order) ? given.order : order;
  const line = status();
  const cards = pairList("Pair", ["", ""], {
    call: "pairs",
    params: () => ({ threshold: chosen.threshold, find: chosen.find, order }),
    layout: "pair",
    onAnswer: ({ total }) => showCount(line, total, "pair"),
    nothing: ["No pairs", "Move the slider to the left to see images that are less similar."],
  });
  const slider = threshold(summary.lowest, cards.refresh);
  const advice = adviceSection((value) => { slider.setValue(value); cards.refresh(); });
  return {
    title: "Pairs",
    lead: "Two images at a time: side by side, one over the other, or only what differs.",
    tools: [slider, find(cards.refresh, summary),
      select("Order", ORDERS, order, (value) => { order = value; cards.refresh(); }), marksSwitch(), line],
    main: el("div", {}, advice, cards.element),
    ready: cards.refresh(),
    onKey: rememberByKey,
    state: () => ({ order }),
  };
}

export function outliersView(summary) {
  const line = status();
  const cards = pairList("Outlier", ["Outlier", "Nearest image"], {
    call: "outliers",
    params: () => ({ find: chosen.find }),
    layout: "lone",
    onAnswer: ({ total }) => showCount(line, total, "outlier"),
    nothing: ["No outliers", "No image stands apart from the others."],
  });
  return {
    title: "Outliers",
    lead: "Images that stand apart from the rest, the furthest first, each beside its nearest image.",
    tools: [find(cards.refresh, summary), line],
    main: cards.element,
    ready: cards.refresh(),
  };
}

function pairList(noun, roles, options) {
  const look = (item, number, position) =>
    lookAt({ title: `${noun} ${number + 1}`, ...item }, position, async (by) => {
      if (number + by >= cards.list.children.length) await cards.more();
      const next = cards.list.children[number + by];
      if (!next) return;
      next.scrollIntoView({ block: "nearest" });
      look(next.item, number + by, 1);
    });
  const cards = cardList({
    ...options,
    card: (item, number) => {
      const isPair = noun === "Pair";
      const card = el("article", { class: "card", "aria-label": `${noun} ${number + 1}` });
      const show = () => {
        card.replaceChildren(head(`${noun} ${number + 1}`, item.word, item.s),
          el("div", { class: "tiles" }, item.images.map((image, position) => tile(image, {
            role: roles[position], look: () => look(item, number, position) }))),
          isPair ? wholeCard(() => ({ rows: item.images.map(({ row }) => row) }), show) : "");
        if (isPair) sayDifferences(card, item.images, true);
      };
      const line = el("li", {}, card);
      line.item = item;
      show();
      return line;
    },
  });
  return cards;
}
