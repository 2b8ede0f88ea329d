// The collection on a plane: each image is a point, similar ones lie near each other.
import { get, getBytes } from "./api.js";
import { amount } from "./cards.js";
import { decide } from "./deciding.js";
import { exportControl } from "./download.js";
import { count, el, shown } from "./elements.js";
import { mapCanvas } from "./map_canvas.js";
import { lookAt, tile } from "./tiles.js";
import { chosen as tools, select, status, threshold } from "./tools.js";

const NEAR = 14, AGAIN_MS = 1_000;
const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
const COLOURS = [["group", "Groups"], ["label", "Labels"], ["split", "Splits"], ["issue", "Issues"]];
let by = "neighbours", colour = "group";
const MADE_OF = {
  content: "Images with similar content (colours, textures, shapes) are near each other.",
  model: "Images with similar content, as seen by the model for content, are near each other.",
  copies: "Images that resemble each other as copies do are near each other.",
};

export function mapView(summary) {
  const canvas = el("canvas", { tabindex: 0, role: "application", "aria-describedby": "map-keys",
    "aria-label": "Map of the images. Arrow keys go from image to image, Enter looks closer, plus and minus zoom, Space selects." });
  const side = el("div", { "aria-label": "Image pointed at", role: "group" }, el("p", { class: "lead" }, "Point at or tap an image."));
  const line = status();
  const legend = el("ul", { class: "legend" });
  const keys = el("p", { class: "hint", id: "map-keys" }, `${MADE_OF[summary.map_by]} Drag to move; zoom with the wheel, two fingers, or + and −. Zoom in to see pictures. To select images, press Lasso, or hold Shift, and draw around them; Space selects the one you point at, v all in view.`);
  const selection = el("section", { class: "selection", "aria-label": "Selection", hidden: true });
  const lasso = el("button", { type: "button", class: "button", "aria-pressed": "false" }, "Lasso");
  const zooms = [["+", "Zoom in", 1.5], ["−", "Zoom out", 1 / 1.5], ["Whole map", "Whole map", 0]].map(([sign, words, factor]) => {
    const button = el("button", { type: "button", class: "button", "aria-label": words, title: words }, sign);
    button.addEventListener("click", () => drawn.zoomBy(factor, ...centre()));
    return button;
  });
  const main = el("div", {}, legend, keys, el("div", { class: "map" }, canvas, el("aside", {}, side, selection)));
  const drawn = mapCanvas(canvas, legend);
  let points = null, at = -1, waiting, outline = null, chosen = new Set();

  let asked = 0;
  async function refresh() {
    clearTimeout(waiting);
    const mine = ++asked, params = { threshold: tools.threshold, colour };
    const [{ items }, found] = await Promise.all([get("legend", params), getBytes("map", { ...params, by })]);
    // While a map is being made, another one is shown.
    const isMaking = !found.byteLength && summary.images > 0;
    const bytes = isMaking ? await getBytes("map", { ...params, by: "pca" }) : found;
    if (mine !== asked) return;
    legend.replaceChildren(...items.map(([words, n], code) =>
      el("li", { class: `c${code} ${colour === "group" ? "of-groups" : ""}` }, shown(words), ` ${count(n)}`)));
    const n = bytes.byteLength / 9;
    points = { n, rows: new Uint32Array(bytes, 0, n), places: new Uint16Array(bytes, 4 * n, 2 * n), kinds: new Uint8Array(bytes, 8 * n, n) };
    showState(n, isMaking ? " · arranging neighbours …" : "");
    drawn.show({ points, current: at, chosen });
    if (isMaking && canvas.isConnected) waiting = setTimeout(refresh, AGAIN_MS);
  }

  function showState(n, rest) {
    line.textContent = (n < summary.images ? `${count(n)} of ${count(summary.images)} images` : `${count(n)} images`) + rest;
  }

  // --- pointing and selecting --------------------------------------------------------------------

  const toCanvas = (event) => {
    const box = canvas.getBoundingClientRect(), dots = canvas.width / box.width;
    return [(event.clientX - box.left) * dots, (event.clientY - box.top) * dots, dots];
  };

  let showing = 0;
  async function choose(number) {
    if (number < 0 || number === at) return;
    at = number;
    drawn.show({ current: at });
    const mine = ++showing;
    const image = await get("image", { row: points.rows[number] });
    if (mine === showing) side.replaceChildren(tile(image, { look: lookCloser }));
  }

  async function lookCloser() {
    if (at < 0) return;
    const row = points.rows[at];
    const { images, n } = await get("group", { threshold: tools.threshold, row, n: 24 });
    if (!n) return lookAt({ title: "Image", images: [await get("image", { row })] }, 0, () => {});
    const [mine, others] = [images.filter((image) => image.row === row), images.filter((image) => image.row !== row)];
    lookAt({ title: `Group of ${count(n)}`, images: [...mine, ...others] }, 1, () => {});
  }

  function selectPoints(numbers, { adds = false } = {}) {
    chosen = new Set(adds ? [...chosen, ...numbers] : numbers);
    drawn.show({ chosen });
    showSelection();
  }

  function showSelection() {
    selection.hidden = !chosen.size;
    if (!chosen.size) { selection.replaceChildren(); return; }
    const rows = [...chosen].map((number) => points.rows[number]).sort((one, other) => one - other);
    const state = el("p", { role: "status" });
    const act = (words, decision) => {
      const button = el("button", { type: "button", class: "button" }, words);
      button.addEventListener("click", async () => {
        await decide(rows, decision);
        state.textContent = decision ? `${amount(rows.length, "image")}: ${decision}.` : `${amount(rows.length, "image")}: decision cleared.`;
      });
      return button;
    };
    const clear = el("button", { type: "button", class: "button" }, "Clear");
    clear.addEventListener("click", () => { selectPoints([]); canvas.focus(); });
    selection.replaceChildren(el("h2", {}, `${amount(rows.length, "image")} selected`),
      el("div", { class: "row-of-buttons" }, act("Keep", "keep"), act("Remove", "remove"), act("Clear decision", ""), clear),
      exportControl(() => ({ of: "chosen", rows }), "Export selection"), state);
  }

  const isLasso = (event) => event.shiftKey || lasso.getAttribute("aria-pressed") === "true";
  lasso.addEventListener("click", () => lasso.setAttribute("aria-pressed", String(lasso.getAttribute("aria-pressed") !== "true")));

  let pressed = [0, 0], isDragged = false;
  // Fingers on the map, and where; two of them zoom.
  const fingers = new Map();
  const between = () => {
    const [[x1, y1], [x2, y2]] = [...fingers.values()];
    return { apart: Math.hypot(x1 - x2, y1 - y2), x: (x1 + x2) / 2, y: (y1 + y2) / 2 };
  };
  canvas.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, toCanvas(event).slice(0, 2));
    if (fingers.size === 2) {
      outline = null;
      isDragged = false;
      drawn.show({ outline: [] });
      return;
    }
    pressed = [event.clientX, event.clientY];
    isDragged = true;
    canvas.setPointerCapture(event.pointerId);
    if (isLasso(event)) outline = [toCanvas(event).slice(0, 2)];
  });
  canvas.addEventListener("pointermove", (event) => {
    const [x, y, dots] = toCanvas(event);
    if (fingers.size === 2 && fingers.has(event.pointerId)) {
      const before = between().apart;
      fingers.set(event.pointerId, [x, y]);
      const now = between();
      if (before) drawn.zoomBy(now.apart / before, now.x, now.y);
      return;
    }
    if (outline) {
      outline.push([x, y]);
      drawn.show({ outline });
    } else if (event.buttons === 1 && isDragged) drawn.moveBy(event.movementX * dots, event.movementY * dots);
    else if (points && !event.buttons) choose(drawn.nearest(x, y, NEAR * dots));
  });
  const endDrag = (event, isDone) => {
    fingers.delete(event.pointerId);
    isDragged = false;
    if (!outline) return;
    const path = outline;
    outline = null;
    drawn.show({ outline: [] });
    if (isDone && path.length > 2) selectPoints(drawn.within(path), { adds: event.ctrlKey || event.metaKey });
  };
  canvas.addEventListener("pointerup", (event) => endDrag(event, true));
  canvas.addEventListener("pointercancel", (event) => endDrag(event, false));
  canvas.addEventListener("click", async (event) => {
    if (Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]) > 4 || isLasso(event)) return;
    const [x, y, dots] = toCanvas(event);
    const number = drawn.nearest(x, y, NEAR * dots);
    if (number < 0) return;
    await choose(number);
    lookCloser();
  });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const [x, y] = toCanvas(event);
    drawn.zoomBy(Math.exp(-event.deltaY / 400), x, y);
  }, { passive: false });

  function goAhead(way) {
    const [x, y] = at < 0 ? [canvas.width / 2, canvas.height / 2] : drawn.place(at);
    const ahead = (px, py) => {
      const along = (px - x) * way[0] + (py - y) * way[1];
      return along > 0 && along >= Math.abs((px - x) * way[1] + (py - y) * way[0]);
    };
    choose(drawn.nearest(x, y, Infinity, (px, py, number) => number !== at && ahead(px, py)));
  }

  function toggle() {
    if (at < 0) return;
    selectPoints(chosen.has(at) ? [...chosen].filter((number) => number !== at) : [...chosen, at]);
  }

  const onKeys = { Enter: lookCloser, " ": toggle, v: () => selectPoints(drawn.visible()), Escape: () => selectPoints([]),
    "+": () => drawn.zoomBy(1.5, ...centre()), "=": () => drawn.zoomBy(1.5, ...centre()), "-": () => drawn.zoomBy(1 / 1.5, ...centre()) };
  const centre = () => (at < 0 ? [] : drawn.place(at));
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !points) return;
    if (WAYS[event.key]) goAhead(WAYS[event.key]);
    else if (onKeys[event.key]) onKeys[event.key]();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  const resized = new ResizeObserver(drawn.draw);
  resized.observe(canvas.parentNode);
  const methods = [["neighbours", "Nearest neighbours"], ["pca", "Principal components"], ["umap", "UMAP"]].slice(0, summary.has_umap ? 3 : 2);
  const change = (value) => {
    by = value;
    points = null;
    at = -1;
    selectPoints([]);
    refresh();
  };
  return {
    title: "Map",
    lead: "The whole collection as points, like ones near each other.",
    tools: [threshold(summary.lowest, refresh), select("Colours", COLOURS, colour, (value) => { colour = value; refresh(); }),
      select("Method", methods, by, change), ...zooms, lasso, line],
    main,
    ready: refresh(),
    leave: () => { resized.disconnect(); clearTimeout(waiting); },
  };
}
