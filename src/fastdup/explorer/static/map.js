// The collection on a plane: each image is a point, similar ones lie near each other.
import { get, getBytes } from "./api.js";
import { count, el } from "./elements.js";
import { lookAt, tile } from "./tiles.js";
import { chosen, select, threshold } from "./tools.js";

const KINDS = ["alone", "grouped", "outlier"];
const RANGE = 65_535, NEAR = 14;
let by = "pca";

export function mapView(summary) {
  const canvas = el("canvas", { tabindex: 0, role: "application",
    "aria-label": "Map of the images. Arrow keys go from image to image, Enter looks closer, plus and minus zoom." });
  const side = el("aside", { "aria-label": "Chosen image" }, el("p", { class: "lead" }, "Point at an image."));
  const line = el("p", { class: "count", role: "status" });
  const legend = el("ul", { class: "legend" },
    ["no similar image at this threshold", "in a group", "outlier"].map((words, kind) => el("li", { class: KINDS[kind] }, words)));
  const main = el("div", {}, legend, el("div", { class: "map" }, canvas, side));
  let points = null, at = -1, zoom = 1, left = 0, top = 0;

  async function refresh() {
    if (!points) line.textContent = "Making the map …";
    const bytes = await getBytes("map", { by, threshold: chosen.threshold });
    const n = bytes.byteLength / 9;
    points = { n, rows: new Uint32Array(bytes, 0, n), places: new Uint16Array(bytes, 4 * n, 2 * n), kinds: new Uint8Array(bytes, 8 * n, n) };
    line.textContent = n < summary.images ? `${count(n)} of ${count(summary.images)} images` : `${count(n)} images`;
    draw();
  }

  // --- drawing ---------------------------------------------------------------------------------

  function scale() {
    const size = Math.min(canvas.width, canvas.height) * 0.94 * zoom;
    return { size, x: canvas.width / 2 - (0.5 + left) * size, y: canvas.height / 2 - (0.5 + top) * size };
  }

  const place = (number, { size, x, y }) =>
    [x + (points.places[2 * number] / RANGE) * size, y + (points.places[2 * number + 1] / RANGE) * size];

  function colour(kind) {
    const style = getComputedStyle(legend.children[kind], "::before").color;
    const [r, g, b] = style.match(/[\d.]+/g).map(Number);
    return (255 << 24) | (b << 16) | (g << 8) | r;
  }

  function draw() {
    if (!points || !canvas.isConnected) return;
    const box = canvas.getBoundingClientRect(), dots = window.devicePixelRatio || 1;
    canvas.width = Math.max(1, Math.round(box.width * dots));
    canvas.height = Math.max(1, Math.round(box.height * dots));
    const pen = canvas.getContext("2d");
    const image = pen.createImageData(canvas.width, canvas.height);
    const pixels = new Uint32Array(image.data.buffer);
    const reach = points.n > 20_000 && zoom < 4 ? 1 : Math.round(2 * dots);
    const colours = KINDS.map((_, kind) => colour(kind)), where = scale();
    KINDS.forEach((_, kind) => {  // outliers last, so that they are seen
      for (let number = 0; number < points.n; number++) {
        if (points.kinds[number] !== kind) continue;
        const [px, py] = place(number, where);
        dot(pixels, Math.round(px), Math.round(py), reach, colours[kind]);
      }
    });
    pen.putImageData(image, 0, 0);
    if (at >= 0) ring(pen, ...place(at, where), dots);
  }

  function dot(pixels, x, y, reach, value) {
    const x1 = Math.min(canvas.width - 1, x + reach), y1 = Math.min(canvas.height - 1, y + reach);
    for (let row = Math.max(0, y - reach); row <= y1; row++) {
      for (let column = Math.max(0, x - reach); column <= x1; column++) pixels[row * canvas.width + column] = value;
    }
  }

  function ring(pen, x, y, dots) {
    pen.strokeStyle = getComputedStyle(canvas).color;
    pen.lineWidth = 2 * dots;
    pen.beginPath();
    pen.arc(x, y, 9 * dots, 0, 2 * Math.PI);
    pen.stroke();
  }

  // --- pointing --------------------------------------------------------------------------------

  function nearest(x, y, within, wanted = () => true) {
    const where = scale();
    let best = -1, least = within * within;
    for (let number = 0; points && number < points.n; number++) {
      const [px, py] = place(number, where);
      const far = (px - x) ** 2 + (py - y) ** 2;
      if (far < least && wanted(px, py, number)) { least = far; best = number; }
    }
    return best;
  }

  const toCanvas = (event) => {
    const box = canvas.getBoundingClientRect(), dots = canvas.width / box.width;
    return [(event.clientX - box.left) * dots, (event.clientY - box.top) * dots, dots];
  };

  let showing = 0;
  async function choose(number) {
    if (number < 0 || number === at) return;
    at = number;
    draw();
    const mine = ++showing;
    const image = await get("image", { row: points.rows[number] });
    if (mine === showing) side.replaceChildren(tile(image, { look: lookCloser }));
    return image;
  }

  async function lookCloser() {
    if (at < 0) return;
    const row = points.rows[at];
    const { images, n } = await get("group", { threshold: chosen.threshold, row, n: 24 });
    if (!n) return lookAt({ title: "Image", images: [await get("image", { row })] }, 0, () => {});
    const [mine, others] = [images.filter((image) => image.row === row), images.filter((image) => image.row !== row)];
    lookAt({ title: `Group of ${count(n)}`, images: [...mine, ...others] }, 1, () => {});
  }

  function zoomBy(factor, x = canvas.width / 2, y = canvas.height / 2) {
    const before = scale();
    const u = (x - before.x) / before.size, v = (y - before.y) / before.size;
    zoom = Math.min(200, Math.max(1, zoom * factor));
    if (zoom === 1) { left = 0; top = 0; } else {
      const size = Math.min(canvas.width, canvas.height) * 0.94 * zoom;
      left = u - 0.5 - (x - canvas.width / 2) / size;
      top = v - 0.5 - (y - canvas.height / 2) / size;
    }
    draw();
  }

  canvas.addEventListener("pointermove", (event) => {
    const [x, y, dots] = toCanvas(event);
    if (event.buttons === 1) {
      const { size } = scale();
      left -= (event.movementX * dots) / size;
      top -= (event.movementY * dots) / size;
      draw();
    } else {
      choose(nearest(x, y, NEAR * dots));
    }
  });
  let pressed = [0, 0];
  canvas.addEventListener("pointerdown", (event) => { pressed = [event.clientX, event.clientY]; });
  canvas.addEventListener("click", async (event) => {
    if (Math.hypot(event.clientX - pressed[0], event.clientY - pressed[1]) > 4) return;
    const [x, y, dots] = toCanvas(event);
    const number = nearest(x, y, NEAR * dots);
    if (number < 0) return;
    await choose(number);
    lookCloser();
  });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const [x, y] = toCanvas(event);
    zoomBy(Math.exp(-event.deltaY / 400), x, y);
  }, { passive: false });

  const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = WAYS[event.key];
    if (way) {
      const [x, y] = at < 0 ? [canvas.width / 2, canvas.height / 2] : place(at, scale());
      const ahead = (px, py) => {
        const along = (px - x) * way[0] + (py - y) * way[1];
        return along > 0 && along >= Math.abs((px - x) * way[1] + (py - y) * way[0]);
      };
      choose(nearest(x, y, Infinity, (px, py, number) => number !== at && ahead(px, py)));
    } else if (event.key === "Enter") lookCloser();
    else if (event.key === "+" || event.key === "=") zoomBy(1.5);
    else if (event.key === "-") zoomBy(1 / 1.5);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  const resized = new ResizeObserver(draw);
  resized.observe(canvas.parentNode);
  const ways = [["pca", "Principal components"], ["umap", "UMAP"]].slice(0, summary.has_umap ? 2 : 1);
  const change = (value) => { by = value; points = null; at = -1; refresh(); };
  return {
    title: "Map",
    lead: "The whole collection: similar images lie near each other.",
    tools: [threshold(summary.lowest, refresh), ways.length > 1 ? select("Method", ways, by, change) : null, line],
    main,
    ready: refresh(),
    leave: () => resized.disconnect(),
  };
}
