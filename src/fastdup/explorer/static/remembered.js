// What is decided for good: pairs and groups that are no copies, and files that always stay.
import { post } from "./api.js";
import { amount, cardList, head } from "./cards.js";
import { chip, el, plain, shown } from "./elements.js";
import { fileTile, lookAt, tile } from "./tiles.js";
import { showCount, status } from "./tools.js";

const NOT_COPIES = "not-copies", KEEP = "keep";

function button(words, act, name = "", pressed = null) {
  const element = el("button", { type: "button", "data-remember": name || null,
    "aria-pressed": pressed === null ? null : String(pressed) }, words);
  element.addEventListener("click", async () => {
    element.disabled = true;
    try { await act(); } catch { /* it is shown already */ } finally { element.disabled = false; }
  });
  return element;
}

// A button by which an image always stays, or no longer; `onChange` is called afterwards.
export function keepButton(image, onChange) {
  const rows = [image.row];
  return button("Always keep", async () => {
    await post(image.always ? "forget" : "remember", { rows, decision: KEEP });
    await onChange();
  }, KEEP, Boolean(image.always));
}

// The same below the tile of an image, which it changes by itself.
export function keepBelow(image) {
  const place = el("div", { class: "decide", role: "group", "aria-label": "Decide on " + plain(image.name) });
  const show = () => place.replaceChildren(keepButton(image, () => {
    image.always = image.always ? 0 : 1;
    show();
    place.firstChild.focus();
  }));
  show();
  return place;
}

// A button by which the images of a card are no copies; the card then says so, and takes it back.
// `what` names the images for the server, `restore(card)` shows the card as it was, or is now.
export function notCopies(what, restore) {
  const place = el("div", { class: "decide lasting" }, button("Not copies", async () => {
    const card = place.closest(".card");
    const { rows } = await post("remember", { ...what(), decision: NOT_COPIES });
    const undo = button("Undo", async () => {
      await post("forget", { rows, decision: NOT_COPIES });
      await restore(card);
    });
    card.replaceChildren(el("p", { class: "remembered", role: "status" },
      `${amount(rows.length, "image")}: not copies. This is remembered. `), el("div", { class: "decide" }, undo));
    undo.focus();
  }, NOT_COPIES));
  return place;
}

// A button by which one image of a group of more is no copy of the others. `show(line)` is called
// afterwards, with a line that takes it back, or with null when it was taken back.
export function notACopy(image, what, show) {
  return button("Not a copy", async () => {
    const { rows, star } = await post("remember", { ...what(), row: image.row, star: true, decision: NOT_COPIES });
    const undo = button("Undo", async () => {
      await post("forget", { rows, star, decision: NOT_COPIES });
      await show(null);
    });
    await show(el("div", { class: "decide remembered", role: "status" }, shown(image.name), ": no copy of the others. This is remembered. ", undo));
    undo.focus();
  }, "not-a-copy");
}

const KEYS = { n: [".card", NOT_COPIES], a: [".tile", KEEP] };

// Presses the button that a key stands for, where the focus is.
export function rememberByKey(event) {
  const [place, name] = KEYS[event.key] || [];
  const at = place && document.activeElement.closest(place);
  const found = at && at.querySelector(`[data-remember=${name}]`);
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
    nothing: ["Nothing decided", "Not copies and Always keep, below pairs, groups and images, are remembered here."],
  });
  return {
    title: "Decided",
    lead: "What you decided for good, the last first. It holds for the content of files, in later runs too.",
    tools: [line],
    main: cards.element,
    ready: cards.refresh(),
  };
}

function decidedCard(decision, cards) {
  const { number, digest, images, n } = decision;
  const words = decision.decision === KEEP ? "Always kept" : "Not copies";
  const known = images.filter((image) => image.row !== undefined);
  const look = (image) => lookAt({ title: words, images: known }, known.indexOf(image), () => {});
  const day = decision.decided.slice(0, 10);
  return el("article", { class: "card", "aria-label": `${words} ${number}` },
    head(words, "", "", [...(day ? [day] : []), ...(n > 1 ? [amount(n, "image")] : [])]),
    el("div", { class: "tiles" }, images.map((image) =>
      image.row === undefined ? fileTile(image, [chip("not in this run")]) : tile(image, { look: () => look(image) }))),
    el("div", { class: "decide" }, button("Forget", async () => {
      await post("forget", { number, digest, decision: decision.decision });
      await cards.refresh();
    })));
}
