// From the decisions to a written plan, and to carrying it out.
import { post } from "./api.js";
import { amount, cardList } from "./cards.js";
import { chip, count, el, shown } from "./elements.js";
import { chosenSettings, settingsForm } from "./settings.js";
import { fileTile, lookAt, tile } from "./tiles.js";
import { status } from "./tools.js";

// The settings by which the plan was written.
let written = "";
let onProgress = () => {}, onCleaned = () => {};
document.addEventListener("cleaned", () => onCleaned());
document.addEventListener("progress", ({ detail }) => onProgress(detail));

export function planView(summary) {
  const { choices } = summary;
  const line = status();
  const byHand = el("p", { class: "lead" });
  const box = el("section", { class: "plan", hidden: true, "aria-live": "polite" });

  const cards = cardList({
    call: "planned",
    params: () => ({}),
    card: (group, number) => el("li", { class: group.images.length > 2 ? "wide" : false }, planCard(group, number)),
    onAnswer: show,
    nothing: ["No plan yet", "Choose what to keep, then write the plan. Writing it touches none of your files."],
  });

  const caution = el("p", { class: "caution" });
  function settingsChanged() {
    byHand.textContent = choices.by_hand ? `You decided on ${amount(choices.by_hand, "image")}.` : "You have not decided on any image yet: use Keep and Remove in the groups.";
    const careful = choices.what.length ? "No copy of such files is kept" : choices.also.length ? "Edited copies may go too" : "";
    caution.textContent = careful && `${careful}: look through the plan.`;
    showStale();
  }

  let changes = 0;  // of what is decided
  onProgress = (progress) => { choices.by_hand = progress.by_hand; changes = progress.changes; settingsChanged(); };

  const settings = () => JSON.stringify([chosenSettings(choices), changes]);
  function showStale() {
    const isStale = !box.hidden && settings() !== written;
    box.classList.toggle("stale", isStale);
    for (const act of box.querySelectorAll("button.danger")) act.disabled = isStale || act.dataset.empty === "1";
    const line = box.querySelector(".stale-line");
    if (line) line.hidden = !isStale;
  }

  async function write() {
    button.disabled = true;
    line.textContent = "Writing the plan …";
    try {
      const chosenNow = settings();  // what is changed while it is written is not in it
      await send();
      await post("plan", JSON.parse(chosenNow)[0]);
      written = chosenNow;
      await cards.refresh();
    } catch (error) {
      caution.textContent = error.message;  // stays longer than the alert: it says what to type
    } finally {
      button.disabled = false;
      line.textContent = "";
    }
  }

  function show(plan) {
    box.hidden = !plan.written;
    if (!plan.written) return;
    const act = el("button", { type: "button", class: "button danger", disabled: !plan.removals,
      "data-empty": plan.removals ? "0" : "1" }, "Do it now …");
    act.addEventListener("click", () => confirm(plan, chosenSettings(choices)));
    const where = plan.what.length ? "for their flaws" : `in ${amount(plan.groups, "group")}`;
    box.replaceChildren(
      el("h2", {}, `${amount(plan.removals, "file")} ${where} would be removed, ${plan.size}`),
      el("p", { class: "stale-line", hidden: true }, "The settings have changed since this plan was written. Write it again."),
      whatGoes(plan),
      el("ul", { class: "notes" }, plan.left_alone.map((files) => el("li", {}, `Left alone: ${files}`))),
      el("p", { class: "folder" }, "Written to ", shown(plan.path), ". Edit it, or carry it out with:"),
      el("code", { class: "command" }, shown(plan.command)),
      el("div", { class: "row-of-buttons" },
        el("a", { class: "button", href: "plan.csv", download: "clean-plan.csv" }, "Download the plan"), act));
    showStale();
  }

  const button = el("button", { type: "button", class: "button main" }, "Write the plan");
  button.addEventListener("click", write);
  const { form, slider, send, show: showForm } = settingsForm(summary, settingsChanged);
  showForm();
  const back = el("button", { type: "button", class: "button", hidden: !summary.cleaned }, "Undo the last clean-up");
  back.addEventListener("click", () => restore(back));
  onCleaned = () => { back.hidden = false; cards.refresh(); };
  return {
    title: "Clean up",
    lead: "First write a plan. Files are removed only when you confirm it: copies of files that are kept, or files with a flaw that you choose.",
    tools: [slider, line],
    main: el("div", {}, form, byHand, caution, el("div", { class: "row-of-buttons" }, button, back), box, cards.element),
    ready: cards.refresh(),
    leave: () => { onProgress = onCleaned = () => {}; },
  };
}

// Puts back what the last clean-up took away, and says what was done.
async function restore(button) {
  button.disabled = true;
  try {
    say((await post("restore", {})).lines, "Undone");
    document.dispatchEvent(new CustomEvent("cleaned"));
  } catch { document.dispatchEvent(new CustomEvent("cleaned")); } finally { button.disabled = false; }
}

function say(lines, title, more = []) {
  const dialog = document.getElementById("confirm");
  const close = el("button", { type: "button", class: "button" }, "Close");
  close.addEventListener("click", () => dialog.close());
  dialog.replaceChildren(el("h2", { id: "confirm-title" }, title), ...lines.map((line) => el("p", {}, shown(line))),
    el("div", { class: "row-of-buttons" }, ...more, close));
  if (!dialog.open) dialog.showModal();
  close.focus();
}

function planCard(group, number) {
  const title = `Group ${number + 1}`;
  const pictures = group.images.filter((image) => image.row !== undefined);
  const look = (image) => lookAt({ title, images: pictures }, pictures.indexOf(image), () => {});
  return el("article", { class: "card", "aria-label": title }, el("div", { class: "tiles" }, group.images.map((image) => {
    const fate = image.stays ? [chip("keep", "stays")] : [chip("remove", "goes")];
    const facts = [!image.stays && image.s, image.same && !image.stays && "same bytes", !image.stays && image.why && shown(image.why)];
    const notes = [...fate, ...facts.filter(Boolean).map((fact) => chip(fact)), ...image.companions.map((name) => chip(["with ", shown(name)]))];
    const kind = image.stays ? "stays" : "goes";
    if (image.warning) notes.push(chip(shown(image.warning), "warning"));
    const role = image.stays && image.why ? ["Kept: ", shown(image.why)] : "";
    return image.row === undefined ? fileTile(image, notes, kind) : tile(image, { decides: false, kind, notes, role, look: () => look(image) });
  })));
}

// Also the files beside the photos, which go with them.
function whatGoes(plan) {
  const lines = plan.classes.map(([words, n, size]) => `${words}: ${count(n)}, ${size}`);
  return el("ul", { class: "notes" }, [...lines, ...[plan.warning, plan.companions].filter(Boolean)].map((line) => el("li", {}, line)));
}

function confirm(plan, settings) {
  const dialog = document.getElementById("confirm");
  const agreed = el("input", { type: "checkbox", id: "agreed" });
  const act = el("button", { type: "button", class: "button danger", disabled: true }, `Remove ${amount(plan.removals, "file")}`);
  const cancel = el("button", { type: "button", class: "button" }, "Cancel");
  const state = el("p", { role: "status" });
  agreed.addEventListener("change", () => { act.disabled = !agreed.checked; });
  cancel.addEventListener("click", () => dialog.close());
  act.addEventListener("click", async () => {
    act.disabled = agreed.disabled = true;
    state.textContent = "Working …";
    try {
      const { lines } = await post("apply", { digest: plan.digest, confirmed: true, ...settings });
      const back = el("button", { type: "button", class: "button" }, "Undo");
      back.addEventListener("click", () => restore(back));
      say(lines, "Done", [back]);
      document.dispatchEvent(new CustomEvent("cleaned"));
    } catch {
      document.dispatchEvent(new CustomEvent("cleaned"));  // some files may be gone all the same
      state.textContent = "";
      agreed.disabled = false;
      act.disabled = !agreed.checked;
    }
  });
  dialog.replaceChildren(
    el("h2", { id: "confirm-title" }, `Remove ${amount(plan.removals, "file")}?`),
    whatGoes(plan),
    el("p", {}, plan.what.length ? "" : `Similarity at least ${plan.threshold}. Which file of each group is kept is decided by the rule “${settings.keep.replace("-", " ")}”.`),
    el("p", {}, `${plan.size} will go to the trash; Undo puts the files back.`),
    el("label", {}, agreed, el("span", {}, "Yes, I have looked through the plan.")),
    state,
    el("div", { class: "row-of-buttons" }, cancel, act));
  dialog.showModal();
  cancel.focus();
}
