// Two images, closely: side by side, one over the other, or their difference.
//
// A subject is {title, word, similarity, members}; the images are compared with the first member.
// A member is {image, source, similarity, placement, chips(), folder, link}: `source` is the
// address of its pixels, `placement` where it lies in the first one.
import { chips, el, measures, pictureElement, shown } from "./elements.js";

const MODES = [["side", "Side by side"], ["overlay", "Overlay"], ["difference", "Difference"]];

// `onStep(1 or -1)` is called for the next and the previous subject, `onTurn()` when another member
// of the subject is looked at.
export function createViewer(dialog, { onStep, onTurn = () => {} }) {
  let subject, position, mode = "side", scale = 1, dx = 0, dy = 0, level = 0.5;

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
    const choseMode = document.activeElement.closest(".modes");
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
          similarity && members.length > 1 ? el("span", { class: "similarity" }, ` ${similarity}`) : null),
        members.length > 1 ? el("div", { class: "modes", role: "group", "aria-label": "How to compare" }, buttons) : null,
        close),
      stage(),
      el("footer", {},
        mode === "side" || !canCompare() ? null : slider(),
        el("p", { class: "keys" }, el("kbd", {}, "←"), " ", el("kbd", {}, "→"), " previous, next · ",
          members.length > 2 ? [el("kbd", {}, "↑"), " ", el("kbd", {}, "↓"), " other images · "] : [],
          el("kbd", {}, "+"), " ", el("kbd", {}, "−"), " zoom · drag to move")));
    place();
    (choseMode ? dialog.querySelector("[aria-pressed=true]") : close).focus();
  }

  function stage() {
    const numbers = subject.members.length === 1 ? [0] : [0, position || 1];
    if (mode !== "side" && canCompare()) {
      const canvas = el("canvas", { class: "zoomed", role: "img", "aria-label": mode });
      paint(canvas);
      return el("div", { class: "panes" }, el("div", { class: "pane" }, canvas));
    }
    return el("div", { class: "panes" }, numbers.map((number) => pane(subject.members[number])));
  }

  function pane(member) {
    const image = member.image;
    const picture = image.why ? null : pictureElement(image);
    if (picture) {
      picture.src = member.source;
      picture.classList.add("zoomed");
    }
    const facts = picture ? el("div", { class: "pane" }, picture)
      : el("p", {}, el("strong", {}, image.why));
    const link = image.why || !member.link ? null
      : el("a", { href: member.link, target: "_blank", rel: "noopener noreferrer" }, "Open the file");
    return el("figure", {}, facts, el("figcaption", {},
      el("p", { class: "name" }, shown(image.name)), image.why ? null : measures(image),
      chips(member.chips()),
      el("p", { class: "folder" }, shown(member.folder)), link));
  }

  function slider() {
    const input = el("input", { type: "range", min: 0, max: 1, step: 0.01, value: level });
    input.addEventListener("input", () => { level = Number(input.value); paint(dialog.querySelector("canvas")); });
    return el("label", { class: "field" }, el("span", {}, mode === "overlay" ? "First ↔ second" : "Strength"), input);
  }

  // Draws the second image where it lies in the first one: turned, mirrored, moved and scaled.
  function paint(canvas) {
    const first = subject.members[0], second = subject.members[position || 1];
    const a = first.image;
    const enlarge = Math.max(1, Math.floor(640 / Math.max(a.tw, a.th)));
    const [u, v, w, x, y, z] = second.placement || [1, 0, 0, 1, 0, 0];
    const corners = [[y, z], [u + y, v + z], [w + y, x + z], [u + w + y, v + x + z]];
    const left = Math.min(0, ...corners.map((c) => c[0])), right = Math.max(1, ...corners.map((c) => c[0]));
    const top = Math.min(0, ...corners.map((c) => c[1])), bottom = Math.max(1, ...corners.map((c) => c[1]));
    const width = a.tw * enlarge, height = a.th * enlarge;
    canvas.width = Math.round(width * (right - left));
    canvas.height = Math.round(height * (bottom - top));
    Promise.all([load(first), load(second)]).then(([one, other]) => {
      const pen = canvas.getContext("2d");
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.clearRect(0, 0, canvas.width, canvas.height);
      pen.translate(-left * width, -top * height);
      pen.globalCompositeOperation = "source-over";
      pen.globalAlpha = 1;
      pen.drawImage(one, 0, 0, width, height);
      if (mode === "overlay") pen.globalAlpha = level;
      else pen.globalCompositeOperation = "difference";
      pen.transform(u * width, v * height, w * width, x * height, y * width, z * height);
      pen.drawImage(other, 0, 0, 1, 1);
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.globalAlpha = 1;
      pen.globalCompositeOperation = "lighter";
      for (let n = 0; mode === "difference" && n < Math.round(level * 6); n++) pen.drawImage(canvas, 0, 0);
      pen.globalCompositeOperation = "source-over";
    });
  }

  function load(member) {
    const image = new Image();
    image.src = member.source;
    return image.decode().then(() => image);
  }

  function place() {
    for (const image of dialog.querySelectorAll(".zoomed")) {
      image.style.transform = `translate(${dx}px, ${dy}px) scale(${scale})`;
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
    if (event.target.type === "range" && event.key.startsWith("Arrow")) return;
    const look = (number) => () => { mode = MODES[number][0]; draw(); };
    const acts = {
      ArrowRight: () => onStep(1), ArrowLeft: () => onStep(-1),
      ArrowDown: () => turn(1), ArrowUp: () => turn(-1),
      "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), 0: () => { reset(); place(); },
      1: look(0), 2: look(1), 3: look(2),
    };
    const act = !event.ctrlKey && !event.metaKey && !event.altKey && acts[event.key];
    if (act) { event.preventDefault(); event.stopPropagation(); act(); }
  });
  dialog.addEventListener("wheel", (event) => {
    if (!event.target.closest(".pane")) return;
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 400));
  }, { passive: false });
  dialog.addEventListener("dblclick", (event) => {
    if (event.target.closest(".pane")) { if (scale > 1) { reset(); place(); } else zoom(3); }
  });
  dialog.addEventListener("pointermove", (event) => {
    if (event.buttons === 1 && event.target.closest(".pane") && scale > 1) {
      dx += event.movementX; dy += event.movementY; place();
    }
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  // What was learnt of the subject meanwhile is shown.
  const redraw = (changed) => { if (dialog.open && changed === subject) draw(); };
  return { open, redraw, isOpen: () => dialog.open };
}
