// Frames around the places that differ, drawn over a picture in its own coordinates, so that they
// stay where they are at any zoom. They can be hidden everywhere at once.
//
// Boxes are [left, top, right, bottom] in unit coordinates of the first picture.
import { el } from "./elements.js";
import { inverse, mapped } from "./planes.js";

// The name of SVG itself, asked of the browser: a page holds no address, not even one of a name.
const SVG = new DOMParser().parseFromString("<svg></svg>", "text/html").querySelector("svg").namespaceURI;
// Room between what differs and its frame, in parts of the picture's longer side.
const ROOM = 0.008;

function svg(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

export const cornersOf = ([left, top, right, bottom]) =>
  [[left, top], [right, top], [right, bottom], [left, bottom]];

// Returns the corners of boxes of the first picture where they lie in the second, which `placement`
// brings to the first.
export function inSecond(boxes, placement) {
  const back = inverse(placement);
  return boxes.map((box) => cornersOf(box).map((point) => mapped(back, point)));
}

// Returns frames to lay over a picture of `width` × `height`; null without places. `places` are
// lists of corners in unit coordinates.
export function marksElement(width, height, places) {
  if (!places.length) return null;
  const room = ROOM * Math.max(width, height);
  const frames = svg("svg", { class: "marks", viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  for (const corners of places) {
    const xs = corners.map(([x]) => x * width), ys = corners.map(([, y]) => y * height);
    const middle = [xs, ys].map((values) => values.reduce((sum, value) => sum + value) / values.length);
    const points = xs.map((x, n) =>
      `${(x + Math.sign(x - middle[0]) * room).toFixed(1)},${(ys[n] + Math.sign(ys[n] - middle[1]) * room).toFixed(1)}`);
    for (const kind of ["halo", "line"]) frames.append(svg("polygon", { class: kind, points: points.join(" ") }));
  }
  return frames;
}

const root = document.documentElement;
const switches = new Set();

export const areMarksShown = () => !root.classList.contains("no-marks");

export function showMarks(on) {
  root.classList.toggle("no-marks", !on);
  for (const input of switches) {
    if (input.isConnected) input.checked = on;
    else switches.delete(input);
  }
}

// Returns a check box that shows or hides all frames, with the names of the places if there are
// any; several stay of one mind.
export function marksSwitch(places = "") {
  const input = el("input", { type: "checkbox", checked: areMarksShown() });
  input.addEventListener("change", () => showMarks(input.checked));
  switches.add(input);
  return el("label", { class: "switch" }, input, el("span", {}, "Mark what differs"),
    places ? el("span", { class: "places" }, places) : null);
}
