// What goes and what is kept, as chosen on the page. The server remembers it, for the marks in the groups.
import { postInTurn } from "./api.js";
import { count, el } from "./elements.js";
import { field, select, threshold } from "./tools.js";

const NAMES = ["keep", "threshold", "prefer", "never", "also", "what", "across", "within", "videos", "carry_companions", "carry_metadata"];
const PAIRS = [["", "in any folder"], ["across", "in different top folders only"], ["within", "in the same top folder only"]];
const MORE = [["videos", "Also whole videos that are the same from start to end"],
  ["carry_companions", "Move a copy's sidecar, film or raw file to the kept file if it has none"],
  ["carry_metadata", "Write what only a copy has (date, camera, place) to a sidecar of the kept file"]];

export const chosenSettings = (choices) => Object.fromEntries(NAMES.map((name) => [name, choices[name]]));

function box(words, checked, onChange) {
  const input = el("input", { type: "checkbox", checked });
  input.addEventListener("change", () => onChange(input.checked));
  return el("label", {}, input, el("span", {}, words));
}

const boxes = (legend, labels) => el("fieldset", { class: "kinds" }, el("legend", {}, legend), labels);

// `onChange` is called at each change.
export function settingsForm(summary, onChange) {
  const { choices } = summary;
  choices.threshold ??= summary.copies_from;

  // Flaws make a plan of their own, without copies.
  function show() {
    for (const part of [form.querySelector(".of-copies"), slider.querySelector("input")]) part.disabled = choices.what.length > 0;
    onChange();
  }

  async function send() {
    show();
    choices.by_hand = (await postInTurn("rule", chosenSettings(choices))).by_hand;
  }

  const changed = () => send().catch(() => { /* it is shown already */ });

  const set = (name) => (value) => { choices[name] = value; return changed(); };

  function listed(name, label) {
    const text = el("textarea", { id: name, spellcheck: "false" }, choices[name].join("\n"));
    const lines = () => text.value.split("\n").map((line) => line.trim()).filter(Boolean);
    text.addEventListener("change", () => set(name)(lines()));
    if (!summary.folders.length) return field(label, text);
    // The folders of the images need not be typed.
    const below = (path) => path.startsWith(summary.root) ? path.slice(summary.root.length) : path;
    const offered = summary.folders.map(([path, n]) => [path, `${below(path)} (${count(n)})`]);
    const add = select("Add a folder", [["", "choose …"], ...offered], "", (path) => {
      add.querySelector("select").value = "";
      if (!path || lines().includes(path)) return;
      text.value = [...lines(), path].join("\n");
      set(name)(lines());
    });
    add.querySelector("select").id = `add-${name}`;
    return el("div", { class: "folders" }, field(label, text), add);
  }

  // A flaw may have a limit: "blurry=0.05".
  const isNamed = (name) => (other) => other.split("=")[0] === name;
  const named = (list, onTick) => ([name, words]) => box(`${name.replaceAll("_", " ")}: ${words}`, choices[list].some(isNamed(name)), (on) => {
    choices[list] = on ? [...choices[list], name] : choices[list].filter((other) => !isNamed(name)(other));
    onTick();
    changed();
  });

  // Edited copies are less similar than the same picture: a slider left alone follows.
  function follow() {
    const ends = [summary.lowest, summary.copies_from];
    const [from, to] = choices.also.length ? ends.reverse() : ends;
    if (choices.threshold === from) slider.setValue(to);
  }

  const rules = choices.rules.map(({ name, words }) => [name, `${name.replace("-", " ")}: ${words}`]);
  const pairs = choices.across ? "across" : choices.within ? "within" : "";
  const slider = threshold(summary.lowest, changed, choices);
  const form = el("form", { class: "rules" },
    el("fieldset", { class: "of-copies" },
      select("Of each group, keep the", rules, choices.keep, set("keep")),
      select("Compare files", PAIRS, pairs, (value) => {
        [choices.across, choices.within] = [value === "across", value === "within"];
        changed();
      }),
      boxes("Copies of the same picture can be removed. Also remove copies that are:", choices.kinds.map(named("also", follow))),
      boxes("More", MORE.map(([name, words]) => box(words, choices[name], set(name)))),
      listed("prefer", "Prefer to keep files in these folders (one per line)")),
    listed("never", "Never remove anything in these folders (one per line)"),
    boxes("Instead of copies, remove files that are:", choices.flaws.map(named("what", () => {}))));
  form.addEventListener("submit", (event) => event.preventDefault());
  return { form, slider, send, show };
}
