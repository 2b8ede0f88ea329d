// Draws points on a canvas: dots, thumbnails where there is room for them, what is chosen.
import { pictureAddress } from "./api.js";

export const RANGE = 65_535;
// Points that are shown as pictures at most, the longest side of these, and how many are kept.
const FEW = 80, SIDE = 72, KEPT = 400;

export function mapCanvas(canvas, legend) {
  const pictures = new Map();
  const at = { zoom: 1, left: 0, top: 0 };
  let points = null, chosen = new Set(), current = -1, outline = [];

  function scale() {
    const size = Math.min(canvas.width, canvas.height) * 0.94 * at.zoom;
    return { size, x: canvas.width / 2 - (0.5 + at.left) * size, y: canvas.height / 2 - (0.5 + at.top) * size };
  }

  const place = (number, { size, x, y } = scale()) =>
    [x + (points.places[2 * number] / RANGE) * size, y + (points.places[2 * number + 1] / RANGE) * size];

  function colours() {
    return [...legend.children].map((item) => {
      const [r, g, b] = getComputedStyle(item, "::before").color.match(/[\d.]+/g).map(Number);
      return (255 << 24) | (b << 16) | (g << 8) | r;
    });
  }

  // The points within the canvas.
  function visible(where = scale()) {
    const found = [];
    for (let number = 0; number < points.n; number++) {
      const [px, py] = place(number, where);
      if (px >= 0 && py >= 0 && px < canvas.width && py < canvas.height) found.push(number);
    }
    return found;
  }

  function draw() {
    if (!points || !canvas.isConnected) return;
    const box = canvas.getBoundingClientRect(), dots = window.devicePixelRatio || 1;
    canvas.width = Math.max(1, Math.round(box.width * dots));
    canvas.height = Math.max(1, Math.round(box.height * dots));
    const pen = canvas.getContext("2d");
    const image = pen.createImageData(canvas.width, canvas.height);
    const pixels = new Uint32Array(image.data.buffer);
    const reach = points.n > 20_000 && at.zoom < 4 ? 1 : Math.round(2 * dots);
    const known = colours(), where = scale(), seen = visible(where);
    for (let kind = 0; kind < known.length; kind++) {  // what is rare comes last, so that it is seen
      for (const number of seen) {
        if (points.kinds[number] !== kind) continue;
        const [px, py] = place(number, where);
        dot(pixels, Math.round(px), Math.round(py), reach, known[kind]);
      }
    }
    pen.putImageData(image, 0, 0);
    canvas.dataset.pictures = String(at.zoom > 1 && seen.length <= FEW ? thumbnails(pen, seen, where, dots) : 0);
    pen.strokeStyle = getComputedStyle(canvas).color;
    pen.lineWidth = 2 * dots;
    for (const number of chosen) if (seen.length < 5_000 || chosen.size < 5_000) ring(pen, ...place(number, where), 6 * dots);
    if (current >= 0) ring(pen, ...place(current, where), 10 * dots);
    if (outline.length > 1) {
      pen.beginPath();
      outline.forEach(([x, y]) => pen.lineTo(x, y));
      pen.closePath();
      pen.stroke();
    }
  }

  function dot(pixels, x, y, reach, value) {
    const x1 = Math.min(canvas.width - 1, x + reach), y1 = Math.min(canvas.height - 1, y + reach);
    for (let row = Math.max(0, y - reach); row <= y1; row++) {
      for (let column = Math.max(0, x - reach); column <= x1; column++) pixels[row * canvas.width + column] = value;
    }
  }

  function ring(pen, x, y, radius) {
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.stroke();
  }

  // Returns how many pictures are drawn; those that are not here yet are asked for.
  function thumbnails(pen, seen, where, dots) {
    let drawn = 0;
    for (const number of seen) {
      const picture = pictureOf(points.rows[number]);
      if (!picture.complete || !picture.naturalWidth) continue;
      const [x, y] = place(number, where);
      const size = (SIDE * dots) / Math.max(picture.naturalWidth, picture.naturalHeight);
      const width = picture.naturalWidth * size, height = picture.naturalHeight * size;
      pen.drawImage(picture, x + 4 * dots, y + 4 * dots, width, height);
      drawn++;
    }
    return drawn;
  }

  let waiting = 0;
  function pictureOf(row) {
    if (!pictures.has(row)) {
      const picture = new Image();
      picture.onload = () => { cancelAnimationFrame(waiting); waiting = requestAnimationFrame(draw); };
      picture.src = pictureAddress(row, 320);
      pictures.set(row, picture);
      if (pictures.size > KEPT) pictures.delete(pictures.keys().next().value);
    }
    return pictures.get(row);
  }

  function zoomBy(factor, x = canvas.width / 2, y = canvas.height / 2) {
    const before = scale();
    const u = (x - before.x) / before.size, v = (y - before.y) / before.size;
    at.zoom = Math.min(400, Math.max(1, at.zoom * factor));
    if (at.zoom === 1) { at.left = 0; at.top = 0; } else {
      const size = Math.min(canvas.width, canvas.height) * 0.94 * at.zoom;
      at.left = u - 0.5 - (x - canvas.width / 2) / size;
      at.top = v - 0.5 - (y - canvas.height / 2) / size;
    }
    draw();
  }

  function moveBy(dx, dy) {
    const { size } = scale();
    at.left -= dx / size;
    at.top -= dy / size;
    draw();
  }

  // Returns the nearest point to a place that is wanted, -1 where none is within reach.
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

  // Returns the points within an outline of places on the canvas.
  function within(path) {
    const where = scale(), found = [];
    for (let number = 0; number < points.n; number++) {
      if (isInside(path, ...place(number, where))) found.push(number);
    }
    return found;
  }

  const show = (state) => {
    ({ points = points, chosen = chosen, current = current, outline = outline } = state);
    draw();
  };
  return { draw, show, place, visible, nearest, within, zoomBy, moveBy };
}

// By the number of sides that a ray to the right crosses.
function isInside(path, x, y) {
  let inside = false;
  for (let one = 0, other = path.length - 1; one < path.length; other = one++) {
    const [x1, y1] = path[one], [x2, y2] = path[other];
    if ((y1 > y) !== (y2 > y) && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}
