// A run: how far it is, what it found so far, stop and resume.
import { get, post, showFailure } from "./api.js";
import { count, el, plain, shown } from "./elements.js";

const POLL_MS = 500;
const STAGES = {
  "listing": "Finding the files",
  "extracting": "Reading the pictures",
  "index": "Comparing all pictures",
  "neighbours": "Comparing all pictures",
  "views": "Looking for edited copies",
  "insets": "Looking for pictures within others",
  "judging": "Looking at pairs side by side",
  "describing": "Looking for parts of pictures",
  "looking again": "Looking for parts of pictures",
};
const TITLES = { running: "Running", stopping: "Stopping …", stopped: "Stopped", failed: "The run failed", done: "Done" };

const amount = (n, noun) => `${count(n)} ${noun}${n === 1 ? "" : "s"}`;

function duration(seconds) {
  if (seconds < 60) return "less than a minute";
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return amount(minutes, "minute");
  return `${amount(Math.floor(minutes / 60), "hour")} ${amount(minutes % 60, "minute")}`;
}

export function foundWords(counts) {
  if (!("groups" in counts)) return "";
  const groups = counts.groups ? `${amount(counts.grouped_images, "picture")} in ${amount(counts.groups, "group")} of copies` : "no copies";
  return `${groups}, among ${amount(counts.good, "picture")}`;
}

// `onState(isRunning)` is called when a run begins or ends.
export function runPanel({ open, goOn, onState }) {
  const title = el("h2", { tabindex: "-1" });
  const stage = el("p", { id: "stage", role: "status" });
  const bar = el("progress", { "aria-label": "This step" });
  const far = el("p", { class: "count", id: "far" });
  const bad = el("p", { id: "bad" });
  const badFiles = el("ul", { class: "notes" });
  const notes = el("ul", { class: "notes", "aria-label": "Messages" });
  const buttons = el("div", { class: "row-of-buttons" });
  const where = el("p", { class: "folder" });
  const element = el("section", { class: "plan run", "aria-label": "The run", hidden: true }, title, where, stage, bar, far, bad, badFiles, notes, buttons);
  let state = "none", timer = 0, workDir = "";

  function button(words, act, kind = "") {
    const found = el("button", { type: "button", class: "button " + kind }, words);
    found.addEventListener("click", async () => {
      found.disabled = true;
      try { await act(); } catch { /* it is shown already */ }
      found.disabled = false;
    });
    return found;
  }

  function showButtons() {
    const all = {
      running: () => [button("Stop", async () => show(await post("stop", {})))],
      stopping: () => [],
      stopped: () => [button("Resume", () => goOn(workDir), "main")],
      failed: () => [button("Try again", () => goOn(workDir), "main")],
      done: () => [button("Look at the results", () => open(workDir), "main")],
    };
    buttons.replaceChildren(...all[state]());
  }

  function setText(node, text) {
    if (node.textContent !== text) node.textContent = text;
  }

  function show(progress) {
    const isNew = progress.state !== state;
    ({ state } = progress);
    element.hidden = state === "none";
    if (state === "none") return;
    workDir = progress.work_dir;
    const isRunning = state === "running" || state === "stopping";
    setText(title, TITLES[state]);
    where.replaceChildren(...progress.folders.flatMap((folder, at) => [at ? ", " : "", shown(folder)]));
    const words = { running: STAGES[progress.stage] || progress.stage || "Starting", stopping: "What is done is kept.",
      stopped: "What is done is kept. You can resume at any time.", failed: plain(progress.notes.at(-1) || ""), done: foundWords(progress.counts) };
    setText(stage, words[state]);
    bar.hidden = !isRunning;
    if (progress.total) { bar.max = progress.total; bar.value = progress.done; } else bar.removeAttribute("value");
    const steps = progress.total ? `${count(progress.done)} of ${count(progress.total)}` : progress.done ? count(progress.done) : "";
    const left = progress.left_s === null ? "" : `${duration(progress.left_s)} left in this step`;
    setText(far, isRunning ? [steps, left].filter(Boolean).join(" · ") : "");
    setText(bad, progress.bad ? `${amount(progress.bad, "file")} could not be used${isRunning ? " so far" : ""}` : "");
    badFiles.replaceChildren(...(progress.bad ? progress.bad_files.map(({ name, why }) => el("li", {}, shown(name), `: ${why}`)) : []));
    notes.replaceChildren(...(state === "failed" ? [] : progress.notes.map((note) => el("li", {}, shown(note)))));
    if (isNew) {
      showButtons();
      onState(isRunning);
    }
  }

  async function poll() {
    const before = state;
    try {
      show(await get("progress"));
    } catch {
      showFailure("fastdup does not answer. Start it again: the run resumes where it was.");
      return;
    }
    if (state === "done" && before !== "done") open(workDir).catch(() => {});
    else next();
  }

  function next() {
    clearTimeout(timer);
    if (state === "running" || state === "stopping") timer = setTimeout(poll, POLL_MS);
  }

  return { element, watch(progress) { show(progress); next(); } };
}
