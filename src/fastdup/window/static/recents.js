// Earlier runs: open their results, resume, run again, forget.
import { get, post } from "./api.js";
import { el, plain, shown } from "./elements.js";
import { foundWords } from "./running.js";

export function recentRuns({ open, goOn }) {
  const list = el("ol", { class: "recent", id: "recent" });
  const title = el("h2", { tabindex: "-1", hidden: true }, "Earlier runs");
  const other = el("input", { type: "text", id: "other", autocomplete: "off", spellcheck: "false" });
  const form = el("form", {}, el("label", { for: "other" }, "Open other results by their folder"),
    el("div", { class: "path-row" }, other, el("button", { type: "submit", class: "button" }, "Open")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    open(other.value.trim()).catch(() => {});
  });
  const element = el("section", { class: "part earlier" }, title, list, form);

  function button(words, what, act, kind = "") {
    const found = el("button", { type: "button", class: "button " + kind, "aria-label": `${words}: ${what}` }, words);
    found.addEventListener("click", async () => {
      found.disabled = true;
      try { await act(); } catch { /* it is shown already */ }
      found.disabled = false;
    });
    return found;
  }

  function item(run) {
    const isFinished = run.state === "finished";
    const names = run.folders.length ? run.folders : [run.work_dir_shown];
    const what = names.map(plain).join(", ");
    const when = new Date(run.when * 1000).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" });
    const isRunning = run.state === "running";
    const state = isRunning ? "Running" : !isFinished ? "Unfinished" : run.is_there ? foundWords(run.counts) : "The folder of its results is gone";
    const canRun = run.folders.length > 0 && !isRunning;
    return el("li", {},
      el("div", {}, el("p", {}, names.flatMap((name, at) => [at ? ", " : "", shown(name)])),
        el("p", { class: "folder" }, [when, state].filter(Boolean).join(" · "))),
      el("div", { class: "row-of-buttons" },
        run.is_there && isFinished ? button("Open", what, () => open(run.work_dir), "main") : null,
        canRun ? button(isFinished ? "Run again" : "Resume", what, () => goOn(run.work_dir), isFinished ? "" : "main") : null,
        isRunning ? null : button("Forget", what, async () => { show((await post("forget", { work_dir: run.work_dir })).runs); title.focus(); })));
  }

  function show(runs) {
    list.replaceChildren(...runs.map(item));
    title.hidden = !runs.length;
  }

  const refresh = async () => show((await get("recent")).runs);
  return { element, refresh };
}
