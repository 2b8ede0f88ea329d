// The first page: what to run on, the run, and the results of earlier ones.
import { get, post } from "./api.js";
import { choicesForm } from "./choices.js";
import { recentRuns } from "./recents.js";
import { runPanel } from "./running.js";

// The token is in a cookie by now; in the address others could read it over one's shoulder.
history.replaceState(null, "", "/");

async function open(workDir) {
  location.assign((await post("open", { work_dir: workDir })).address);
}

async function begin(call, value) {
  const progress = await post(call, value);
  panel.watch(progress);
  panel.element.querySelector("h2").focus();
  recent.refresh();
}

const form = choicesForm((choices) => begin("run", choices));
const recent = recentRuns({ open, goOn: (workDir) => begin("go-on", { work_dir: workDir }) });
const panel = runPanel({
  open,
  goOn: (workDir) => begin("go-on", { work_dir: workDir }),
  onState: (isRunning) => {
    form.element.hidden = isRunning;
    recent.refresh();
  },
});

const main = document.getElementById("main");
main.replaceChildren(panel.element, form.element, recent.element);
try {
  const [progress] = await Promise.all([get("progress"), recent.refresh()]);
  panel.watch(progress);
} finally {
  main.setAttribute("aria-busy", "false");
}
// Back from the results the browser may show this page as it was.
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
