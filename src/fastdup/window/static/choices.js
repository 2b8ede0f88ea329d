// What to run on: folders, how similar, what to look into, and where results go.
import { post } from "./api.js";
import { el, plain, shown } from "./elements.js";
import { pickFolder } from "./picker.js";

const SIMILAR = [
  ["exact", "Exact copies", "the same file, or the same pixels in another file"],
  ["same", "The same picture", "also saved again, smaller or larger"],
  ["edited", "Edited copies too", "cropped, framed, rotated, filtered, captioned"],
  ["parts", "Parts of pictures too", "a detail of a larger picture; takes longer"],
];
const LOOK_INTO = [
  ["hidden", "Hidden folders", false],
  ["videos", "Videos: their frames", true],
  ["archives", "Archives: ZIP, TAR and the like", true],
];

function button(words, act, kind = "") {
  const element = el("button", { type: "button", class: "button " + kind }, words);
  element.addEventListener("click", act);
  return element;
}

// `onStart(choices)` begins the run.
export function choicesForm(onStart) {
  const chosen = { folders: [], reference: "", similar: "edited", hidden: false, videos: true, archives: true, work_dir: "" };
  const names = new Map();  // path → as it is shown

  const folders = el("ul", { class: "paths", id: "folders" });
  const add = button("Add a folder …", async () => {
    const picked = await pickFolder("Add a folder");
    if (picked) {
      names.set(picked.path, picked.shown);
      if (!chosen.folders.includes(picked.path)) chosen.folders.push(picked.path);
      await changed();
    }
    (start.disabled ? add : start).focus();
  });

  const reference = el("ul", { class: "paths", id: "reference" });
  const pickReference = button("Choose a folder …", async () => {
    const picked = await pickFolder("Compare against a folder");
    if (picked) {
      names.set(picked.path, picked.shown);
      chosen.reference = picked.path;
      changed();
    }
    pickReference.focus();
  });

  const workDir = el("input", { id: "work_dir", type: "text", autocomplete: "off", spellcheck: "false" });
  workDir.addEventListener("change", () => { chosen.work_dir = workDir.value.trim(); changed(); });
  const pickWorkDir = button("Choose …", async () => {
    const picked = await pickFolder("Choose a folder for the results");
    if (picked) {
      workDir.value = chosen.work_dir = picked.path;
      changed();
    }
    pickWorkDir.focus();
  });

  const question = el("span");
  const confirmed = el("input", { type: "checkbox", id: "confirmed" });
  const asks = el("label", { class: "tick", hidden: true }, confirmed, question);
  confirmed.addEventListener("change", () => showReady());

  const command = el("code", { class: "command" });
  const wrong = el("p", { class: "caution", id: "wrong", role: "status" });
  const start = el("button", { type: "submit", class: "button main", disabled: true }, "Start");
  let isRight = false;

  function pathItem(path, remove) {
    const gone = button("Remove", remove, "small");
    gone.setAttribute("aria-label", `Remove ${plain(names.get(path))}`);
    return el("li", {}, shown(names.get(path)), gone);
  }

  function showReady() {
    start.disabled = !isRight || (!asks.hidden && !confirmed.checked);
  }

  let asked = 0;
  async function changed() {
    folders.replaceChildren(...chosen.folders.map((path) => pathItem(path, () => {
      chosen.folders = chosen.folders.filter((other) => other !== path);
      changed();
      add.focus();
    })));
    reference.replaceChildren(...(chosen.reference ? [pathItem(chosen.reference, () => {
      chosen.reference = "";
      changed();
      pickReference.focus();
    })] : []));
    [isRight, wrong.textContent, asks.hidden] = [false, "", true];
    showReady();
    result.hidden = !chosen.folders.length;
    if (!chosen.folders.length) return;
    const mine = ++asked;
    try {
      const found = await post("check", chosen);
      if (mine !== asked) return;
      isRight = true;
      workDir.placeholder = plain(found.work_dir);
      command.replaceChildren(shown(found.command));
      const words = plain(found.question);
      if (words !== question.textContent) confirmed.checked = false;
      question.textContent = words;
      asks.hidden = !words;
    } catch (error) {
      if (mine === asked) wrong.textContent = error.message;
    }
    showReady();
  }

  const radios = SIMILAR.map(([name, words, more]) => {
    const input = el("input", { type: "radio", name: "similar", value: name, checked: name === chosen.similar });
    input.addEventListener("change", () => { chosen.similar = name; changed(); });
    return el("label", { class: "tick" }, input, el("span", {}, words, el("span", { class: "more-words" }, `: ${more}`)));
  });
  const boxes = LOOK_INTO.map(([name, words, checked]) => {
    const input = el("input", { type: "checkbox", checked });
    input.addEventListener("change", () => { chosen[name] = input.checked; changed(); });
    return el("label", { class: "tick" }, input, el("span", {}, words));
  });

  const part = (legend, ...inside) => el("fieldset", { class: "part" }, el("legend", {}, legend), ...inside.flat());
  const result = el("div", { class: "part", hidden: true },
    el("label", { for: "work_dir" }, "Results go to this folder"),
    el("div", { class: "path-row" }, workDir, pickWorkDir),
    el("details", {}, el("summary", {}, "The same on the command line"), command));

  const element = el("form", { class: "start", "aria-label": "What to run on" },
    part("Search these folders and everything in them", folders, add),
    part("What counts as a copy?", radios),
    part("Also look into", boxes),
    part("Only compare against", el("p", { class: "folder" },
      "Optional: pictures that you have elsewhere, such as a backup. Only copies between the two are found then, and cleaning up leaves this folder alone."),
      reference, pickReference),
    result, asks, wrong,
    el("div", { class: "row-of-buttons" }, start));
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (start.disabled) return;
    start.disabled = true;
    try {
      await onStart({ ...chosen, confirmed: confirmed.checked });
    } catch (error) {
      wrong.textContent = error.message;
    }
    showReady();
  });
  return { element };
}
