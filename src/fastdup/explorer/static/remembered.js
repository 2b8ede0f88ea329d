// Images that are no copies of each other, and the list of all that is decided.
import { postInTurn } from "./api.js";
import { amount, cardList, head } from "./cards.js";
import { decideOn, askProgress, focusNext, skipButton } from "./deciding.js";
import { chip, el, shown } from "./elements.js";
import { fileTile, lookAt, tile } from "./tiles.js";
import { showCount, status } from "./tools.js";

const NOT_COPIES = "not-copies";
const WORDS = { [NOT_COPIES]: "Not copies", keep: "Keep", remove: "Remove" };

function button(words, act, name = "") {
  const element = el("button", { type: "button", "data-remember": name || null }, words);
  element.addEventListener("click", async () => {
    element.disabled = true;
    try { await act(); } catch { /* it is shown already */ } finally { element.disabled = false; }
  });
  return element;
}

// The buttons for all images of a card: keep or remove each, no copies, skip. A card of no copies
// says so, and takes it back. `what` names the images for the server, `restore(card)` shows the card
// as it was, or is now; `words`: where there are more than two.
export function wholeCard(what, restore, words = null) {
  const all = (decision) => button(words[decision], async () => {
    await decideOn(what(), decision);
    const tiles = place.closest(".card").querySelectorAll(".tile[data-row]");
    await focusNext(tiles[tiles.length - 1], true);
  });
  const apart = button("Not copies", async () => {
    const card = place.closest(".card");
    const { rows } = await postInTurn("remember", { ...what(), decision: NOT_COPIES });
    const undo = button("Undo", async () => {
      await postInTurn("forget", { rows, decision: NOT_COPIES });
      askProgress();
      await restore(card);
    });
    card.replaceChildren(el("p", { class: "remembered", role: "status" },
      `${amount(rows.length, "image")}: not copies. This is remembered. `), el("div", { class: "decide" }, undo));
    undo.focus();
    askProgress();
  }, NOT_COPIES);
  const place = el("div", { class: "decide lasting", role: "group", "aria-label": "Decide on all" },
    words ? [all("keep"), all("remove")] : [], apart, skipButton());
  return place;
}

// A button by which one image of a group of more is no copy of the others. `show(line)` is called
// afterwards, with a line that takes it back, or with null when it was taken back.
export function notACopy(image, what, show) {
  return button("Not a copy", async () => {
    const { rows, star } = await postInTurn("remember", { ...what(), row: image.row, star: true, decision: NOT_COPIES });
    const undo = button("Undo", async () => {
      await postInTurn("forget", { rows, star, decision: NOT_COPIES });
      askProgress();
      await show(null);
    });
    await show(el("div", { class: "decide remembered", role: "status" }, shown(image.name), ": not a copy of the others. This is remembered. ", undo));
    undo.focus();
    askProgress();
  }, "not-a-copy");
}

// Presses the button for no copies of the card that has the focus.
export function rememberByKey(event) {
  const card = event.key === "n" && document.activeElement.closest(".card");
  const found = card && card.querySelector(`[data-remember=${NOT_COPIES}]`);
  if (found) found.click();
  return Boolean(found);
}

export function decidedView() {
  const line = status();
  const cards = cardList({
    call: "decided",
    params: () => ({}),
    card: (decision) => el("li", { class: decision.images.length > 2 ? "wide" : false }, decidedCard(decision, cards)),
    onAnswer: ({ total }) => showCount(line, total, "decision"),
    nothing: ["Nothing decided", "Keep, Remove and Not copies, below images, pairs and groups, are listed here."],
  });
  return {
    title: "Decided",
    lead: "Your decisions, latest first. They stay with the content of the files, in later runs too.",
    tools: [line],
    main: cards.element,
    ready: cards.refresh(),
  };
}

function decidedCard(decision, cards) {
  const { number, digest, images, n } = decision;
  const words = WORDS[decision.decision];
  const known = images.filter((image) => image.row !== undefined);
  const look = (image) => lookAt({ title: words, images: known }, known.indexOf(image), () => {});
  const day = decision.decided.slice(0, 10);
  return el("article", { class: "card", "aria-label": `${words} ${number}` },
    head(words, "", "", [...(day ? [day] : []), ...(n > 1 ? [amount(n, "image")] : [])]),
    el("div", { class: "tiles" }, images.map((image) =>
      image.row === undefined ? fileTile(image, [chip("not in this run")]) : tile(image, { decides: false, look: () => look(image) }))),
    el("div", { class: "decide" }, button("Forget", async () => {
      await postInTurn("forget", { number, digest, decision: decision.decision });
      askProgress();
      await cards.refresh();
    })));
}
