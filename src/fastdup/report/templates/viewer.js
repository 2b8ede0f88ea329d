// Two images, closely: side by side, one over the other, their difference, or one after the other.
//
// A subject is {title, word, similarity, members}; the images are compared with the first member.
// A member is {image, source, similarity, difference, chips(), folder, link}: `source` is the
// address of its pixels; `difference` says how it differs from the first: {text, t, boxes, at} are
// a sentence, where it lies in the first, the places that differ and their names.
import { chips, el, folderLine, measures, pictureElement, sentence, shown } from "./elements.js";
import { listenForGestures } from "./gestures.js";
import { areMarksShown, cornersOf, inSecond, marksElement, marksSwitch, showMarks } from "./marks.js";
import { drawMapped, mapped, SAME } from "./planes.js";

const MODES = [["side", "Side by side"], ["overlay", "Overlay"], ["difference", "Difference"], ["blink", "Blink"]];
const BLINK_MS = 600;

// `onStep(1 or -1)` is called for the next and the previous subject, `onTurn()` when another member
// of the subject is looked at. `below(subject, position)` returns what stands below the pictures,
// `onKey(event, subject, position)` whether a key was for that; held keys are not. `onLost(member)`
// is called when the pixels of a member do not come.
export function createViewer(dialog, { onStep, onTurn = () => {}, below = () => [], onKey = () => false, onLost = () => {} }) {
  let subject, position, mode = "side", scale = 1, dx = 0, dy = 0, level = 0.5;

  const other = () => subject.members[position || 1];
  const differenceOf = (member) => (member && member.difference) || {};

  function open(newSubject, at) {
    subject = newSubject;
    position = Math.max(at, Math.min(1, subject.members.length - 1));
    if (!dialog.open) dialog.showModal();
    reset();
    draw();
    onTurn(subject, position);
  }

  function reset() { scale = 1; dx = 0; dy = 0; }

  const canCompare = () =>
    subject.members.length > 1 && !subject.members[0].image.why && !subject.members[position].image.why;

  function draw() {
    const focused = focusPlace();
    const { members, word: likeness, title } = subject;
    const similarity = members[position].similarity || subject.similarity;
    const buttons = MODES.map(([name, words], number) => {
      const button = el("button", { type: "button", "aria-pressed": String(mode === name),
        title: `key ${number + 1}`, disabled: name !== "side" && !canCompare() }, words);
      button.addEventListener("click", () => { mode = name; draw(); });
      return button;
    });
    const close = el("button", { type: "button", class: "close", "aria-label": "Close" }, "✕");
    close.addEventListener("click", () => dialog.close());
    dialog.replaceChildren(
      el("header", {},
        el("p", { class: "what", role: "status" },
          el("strong", {}, title),
          likeness && members.length === 2 ? ` ${likeness}` : "",
          similarity && members.length > 1 ? el("span", { class: "similarity" }, ` ${similarity}`) : null,
          finding()),
        el("div", { class: "steps", role: "group", "aria-label": "Previous and next" },
          step("‹", "Previous", -1), step("›", "Next", 1)),
        members.length > 1 ? el("div", { class: "modes", role: "group", "aria-label": "How to compare" }, buttons) : null,
        close),
      stage(),
      el("footer", {},
        mode === "overlay" || mode === "difference" ? canCompare() ? slider() : null : null,
        mode === "overlay" && canCompare() ? flipButton() : null,
        boxes().length && canCompare() ? marksSwitch(where()) : null,
        below(subject, position),
        el("p", { class: "keys" }, el("kbd", {}, "←"), " ", el("kbd", {}, "→"), " previous, next · ",
          members.length > 2 ? [el("kbd", {}, "↑"), " ", el("kbd", {}, "↓"), " other images · "] : [],
          el("kbd", {}, "+"), " ", el("kbd", {}, "−"), " zoom · drag to move")));
    place();
    (dialog.querySelector(focused) || close).focus();
  }

  // The button that has the focus, to be found again when all is drawn anew.
  function focusPlace() {
    const at = document.activeElement;
    if (at.closest(".modes")) return ".modes [aria-pressed=true]";
    return at.dataset.place && dialog.contains(at) ? `[data-place="${at.dataset.place}"]` : ".close";
  }

  function step(sign, words, by) {
    const button = el("button", { type: "button", "aria-label": words, "data-place": words }, sign);
    button.addEventListener("click", () => onStep(by));
    return button;
  }

  setInterval(() => {
    const canvas = dialog.open && mode === "blink" && dialog.querySelector("canvas");
    if (canvas) { level = level < 0.5 ? 1 : 0; paint(canvas); }
  }, BLINK_MS);

  // How the other image differs, in a sentence.
  function finding() {
    const { text } = differenceOf(other());
    return text && position ? el("span", { class: "finding" }, sentence(text)) : null;
  }

  const boxes = () => (position ? differenceOf(other()).boxes || [] : []);

  const where = () => (differenceOf(other()).at || []).join(", ");

  function stage() {
    const numbers = subject.members.length === 1 ? [0] : [0, position || 1];
    if (mode !== "side" && canCompare()) {
      const canvas = el("canvas", { class: "zoomed", role: "img", "aria-label": mode });
      const marks = paint(canvas);
      return el("div", { class: "panes" }, el("div", { class: "pane" }, canvas, marks));
    }
    return el("div", { class: "panes" }, numbers.map((number) => pane(subject.members[number], number)));
  }

  function marksOn(image, number) {
    const { t } = differenceOf(other());
    if (!boxes().length || !t || !image.w) return null;  // the shape of the picture must be known
    const places = number ? inSecond(boxes(), t) : boxes().map(cornersOf);
    return zoomed(marksElement(image.tw, image.th, places));
  }

  function zoomed(element) {
    if (element) element.classList.add("zoomed");
    return element;
  }

  function pane(member, number) {
    const image = member.image;
    const picture = image.why ? null : pictureElement(image);
    if (picture) {
      picture.addEventListener("error", () => onLost(member));
      picture.src = member.source;
      zoomed(picture);
    }
    const facts = picture ? el("div", { class: "pane" }, picture, canCompare() ? marksOn(image, number) : null)
      : el("p", {}, el("strong", {}, image.why));
    const link = image.why || !member.link ? null
      : el("a", { href: member.link, target: "_blank", rel: "noopener noreferrer" }, "Open the file");
    return el("figure", {}, facts, el("figcaption", {},
      el("p", { class: "name" }, shown(image.name)), image.why ? null : measures(image),
      chips(member.chips()),
      folderLine(member.folder), link));
  }

  function slider() {
    const input = el("input", { type: "range", min: 0, max: 1, step: 0.01, value: level });
    input.addEventListener("input", () => { level = Number(input.value); paint(dialog.querySelector("canvas")); });
    return el("label", { class: "field" }, el("span", {}, mode === "overlay" ? "First ↔ second" : "Strength"), input);
  }

  // Shows the other image of an overlay, wholly.
  function flip() {
    if (mode !== "overlay") return;
    level = level < 0.5 ? 1 : 0;
    dialog.querySelector("footer input[type=range]").value = level;
    paint(dialog.querySelector("canvas"));
  }

  function flipButton() {
    const button = el("button", { type: "button", class: "flip", title: "key b" }, "Flip");
    button.addEventListener("click", flip);
    return button;
  }

  // Draws the second image where it lies in the first one: turned, mirrored, moved and scaled.
  // Returns the frames to lay over it.
  function paint(canvas) {
    const first = subject.members[0], second = other();
    const a = first.image;
    const enlarge = Math.max(1, Math.floor(640 / Math.max(a.tw, a.th)));
    const placement = differenceOf(second).t || SAME;
    const corners = cornersOf([0, 0, 1, 1]).map((point) => mapped(placement, point));
    const ends = (axis, of, limit) => of(limit, ...corners.map((corner) => corner[axis]));
    const left = ends(0, Math.min, 0), right = ends(0, Math.max, 1);
    const top = ends(1, Math.min, 0), bottom = ends(1, Math.max, 1);
    const width = a.tw * enlarge, height = a.th * enlarge;
    canvas.width = Math.round(width * (right - left));
    canvas.height = Math.round(height * (bottom - top));
    Promise.all([load(first), load(second)]).then(([one, other]) => {
      const over = new OffscreenCanvas(canvas.width, canvas.height);
      drawMapped(over.getContext("2d"), other, placement, { width, height, left, top });
      const pen = canvas.getContext("2d");
      pen.clearRect(0, 0, canvas.width, canvas.height);
      pen.globalCompositeOperation = "source-over";
      pen.globalAlpha = 1;
      pen.drawImage(one, -left * width, -top * height, width, height);
      if (mode !== "difference") pen.globalAlpha = level;
      else pen.globalCompositeOperation = "difference";
      pen.drawImage(over, 0, 0);
      pen.globalAlpha = 1;
      pen.globalCompositeOperation = "lighter";
      for (let n = 0; mode === "difference" && n < Math.round(level * 6); n++) pen.drawImage(canvas, 0, 0);
      pen.globalCompositeOperation = "source-over";
    }).catch(() => {});  // a picture is lost
    const moved = ([x, y]) => [(x - left) / (right - left), (y - top) / (bottom - top)];
    const places = boxes().map((box) => cornersOf(box).map(moved));
    return zoomed(marksElement(canvas.width, canvas.height, places));
  }

  function load(member) {
    const image = new Image();
    image.src = member.source;
    return image.decode().then(() => image, (error) => { onLost(member); throw error; });
  }

  function place() {
    for (const image of dialog.querySelectorAll(".zoomed")) {
      image.style.transform = `translate(${dx}px, ${dy}px) scale(${scale})`;
      image.style.setProperty("--zoom", scale);  // frames stay thin
    }
  }

  function zoom(factor) {
    scale = Math.min(16, Math.max(1, scale * factor));
    if (scale === 1) { dx = 0; dy = 0; }
    place();
  }

  function turn(by) {
    const n = subject.members.length;
    if (n <= 2) return;
    position = 1 + ((position - 1 + by + n - 1) % (n - 1));
    draw();
    onTurn(subject, position);
  }

  dialog.addEventListener("keydown", (event) => {
    const typing = event.target.closest("select") || (event.target.type === "range" && event.key.startsWith("Arrow"));
    if (typing) return;
    const look = (number) => () => { mode = MODES[number][0]; draw(); };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (!event.repeat && onKey(event, subject, position)) { event.preventDefault(); event.stopPropagation(); return; }
    const acts = {
      ArrowRight: () => onStep(1), ArrowLeft: () => onStep(-1),
      ArrowDown: () => turn(1), ArrowUp: () => turn(-1),
      "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), 0: () => { reset(); place(); },
      1: look(0), 2: look(1), 3: look(2), 4: look(3), b: flip, m: () => showMarks(!areMarksShown()),
    };
    const act = acts[event.key];
    if (act) { event.preventDefault(); event.stopPropagation(); act(); }
  });
  listenForGestures(dialog, {
    zoom,
    move: (x, y) => { dx += x; dy += y; place(); },
    isZoomed: () => scale > 1,
    toggle: () => { if (scale > 1) { reset(); place(); } else zoom(3); },
    swipe: onStep,
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  // What was learnt of the subject meanwhile is shown.
  const redraw = (changed) => { if (dialog.open && changed === subject) draw(); };
  const change = (act) => { if (dialog.open) { act(subject); draw(); } };
  const isAt = (one, place) => dialog.open && one === subject && place === position;
  return { open, redraw, change, isAt, isOpen: () => dialog.open };
}
