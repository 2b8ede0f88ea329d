// The fields above a list, and what is chosen in them for as long as the page is open.
import { count, el, plain } from "./elements.js";

export const chosen = { threshold: 0.85, find: "", camera: "", since: "", until: "" };

export function field(words, input, kind = "") {
  return el("label", { class: "field " + kind }, el("span", {}, words), input);
}

export function select(words, options, value, onChange) {
  const input = el("select", {}, options.map(([name, text]) =>
    el("option", { value: name, selected: name === value }, text)));
  input.addEventListener("change", () => onChange(input.value));
  return field(words, input);
}

// Which photos are looked for; only what is chosen.
export const photosLookedFor = () =>
  Object.fromEntries(["camera", "since", "until"].map((name) => [name, chosen[name]]).filter(([, value]) => value));

// Fields for the camera and the days, where the photos have them.
function photoFields({ cameras, days }, onChange) {
  const day = (name, words) => {
    const input = el("input", { type: "date", min: days[0], max: days[1], value: chosen[name] });
    input.addEventListener("change", () => { chosen[name] = input.value; onChange(); });
    return field(words, input);
  };
  const choices = [["", "any"], ...cameras.map(([name, n]) => [name, `${plain(name)} (${count(n)})`])];
  return [
    cameras.length ? select("Camera", choices, chosen.camera, (value) => { chosen.camera = value; onChange(); }) : null,
    ...(days.length ? [day("since", "From"), day("until", "To")] : []),
  ];
}

// `summary`: of a list of images, which may be looked for by camera and day too.
export function find(onChange, summary = null) {
  const input = el("input", { id: "find", type: "search", placeholder: "name or folder",
    autocomplete: "off", spellcheck: "false", value: chosen.find });
  let typing;
  input.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => { chosen.find = input.value.trim(); onChange(); }, 150);
  });
  return [field("Find", input, "grow"), ...(summary ? photoFields(summary, onChange) : [])];
}

const STEP = 0.001;

// A slider from the least similar pair that is known to 1; `onChange` is called as it moves, no
// more often than answers come. The value is kept in `state`.
export function threshold(lowest, onChange, state = chosen) {
  const output = el("output", {});
  const low = Math.min(1 - STEP, Math.floor(lowest / STEP) * STEP);
  const input = el("input", { type: "range", id: "threshold", min: low.toFixed(3), max: 1, step: STEP, value: state.threshold });
  const show = () => { output.textContent = Number(input.value).toFixed(3); };
  let isBusy = false, isStale = false;
  async function change() {
    state.threshold = Number(input.value);
    show();
    if (isBusy) { isStale = true; return; }
    isBusy = true;
    try { await onChange(); } finally { isBusy = false; }
    if (isStale) { isStale = false; change(); }
  }
  input.addEventListener("input", change);
  show();
  const label = el("label", { class: "field slider" },
    el("span", {}, "Similarity at least ", output), input);
  label.setValue = (value) => { input.value = value; state.threshold = value; show(); };
  return label;
}

export const status = () => el("p", { class: "count", id: "count", role: "status" });

export const showCount = (element, total, noun, rest = "") => {
  element.textContent = `${count(total)} ${noun}${total === 1 ? "" : "s"}${rest}`;
};
