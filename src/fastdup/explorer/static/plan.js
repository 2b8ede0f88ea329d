// From the decisions to a written plan, and to carrying it out.
import { get, post } from "./api.js";
import { amount, cardList } from "./cards.js";
import { chip, count, el, shown } from "./elements.js";
import { lookAt, tile } from "./tiles.js";
import { field, select, status, threshold } from "./tools.js";

// What may go, as chosen on this page: not the threshold by which one looks.
const wanted = { threshold: null, also: [] };

export function planView(summary) {
  wanted.threshold ??= summary.copies_from;
  const line = status();
  const byHand = el("p", { class: "lead" });
  const box = el("section", { class: "plan", hidden: true, "aria-live": "polite" });
  const folders = (text) => text.value.split("\n").map((line) => line.trim()).filter(Boolean);
  const prefer = el("textarea", { id: "prefer", spellcheck: "false" }, summary.choices.prefer.join("\n"));
  const never = el("textarea", { id: "never", spellcheck: "false" }, summary.choices.never.join("\n"));
  let keep = summary.choices.keep;

  const cards = cardList({
    call: "planned",
    params: () => ({}),
    card: (group, number) => el("li", { class: group.images.length > 2 ? "wide" : false },
      el("article", { class: "card", "aria-label": `Group ${number + 1}` },
        el("div", { class: "tiles" }, group.images.map((image, position) => tile(image, {
          kind: image.stays ? "stays" : "goes",
          notes: [...(image.stays ? [chip("keep", "stays")] : [chip("remove", "goes"), chip(image.s, "number"),
            ...(image.same ? [chip("same bytes")] : [])]), ...image.companions.map((name) => chip(["with ", shown(name)]))],
          look: () => lookAt({ title: `Group ${number + 1}`, images: group.images }, position, () => {}),
        }))))),
    onAnswer: show,
    nothing: ["No plan yet", "Choose what to keep, then write the plan. That touches no file of yours."],
  });

  async function setRule() {
    showChoices(await post("rule", { keep, prefer: folders(prefer), never: folders(never) }));
  }

  function showChoices(choices) {
    Object.assign(summary.choices, choices);
    byHand.textContent = choices.by_hand ? `Decided by hand: ${amount(choices.by_hand, "image")}.` : "Nothing decided by hand yet: use Keep and Remove in the groups.";
  }

  const caution = el("p", { class: "caution" });
  function settingsChanged() {
    caution.textContent = wanted.also.length
      ? "Edited copies may go too: look through the plan." : "";
    showStale();
  }

  const settings = () => JSON.stringify([wanted, keep, folders(prefer), folders(never), summary.choices.by_hand]);
  let written = "";
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
    settingsChanged();
    try {
      await setRule();
      await post("plan", wanted);
      written = settings();
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
    act.addEventListener("click", () => confirm(plan, cards));
    box.replaceChildren(
      el("h2", {}, `${amount(plan.removals, "file")} in ${amount(plan.groups, "group")} would be removed, ${plan.size}`),
      el("p", { class: "stale-line", hidden: true }, "The settings were changed since this plan was written: write it again."),
      whatGoes(plan),
      el("ul", { class: "notes" }, plan.left_alone.map(([why, n]) => el("li", {}, `left alone: ${count(n)} ${why}`))),
      el("p", { class: "folder" }, "Written to ", shown(plan.path), ". Change it with any editor, or carry it out with"),
      el("code", { class: "command" }, shown(plan.command)),
      el("div", { class: "row-of-buttons" },
        el("a", { class: "button", href: "/plan.csv", download: "clean-plan.csv" }, "Download the plan"), act));
    showStale();
  }

  function kindBox([name, words]) {
    const input = el("input", { type: "checkbox", value: name, checked: wanted.also.includes(name) });
    input.addEventListener("change", () => {
      wanted.also = input.checked ? [...wanted.also, name] : wanted.also.filter((other) => other !== name);
      // Edited copies are less similar than the same picture: a slider left alone follows.
      const [from, to] = wanted.also.length ? [summary.copies_from, summary.lowest] : [summary.lowest, summary.copies_from];
      if (wanted.threshold === from) slider.setValue(to);
      settingsChanged();
    });
    return el("label", {}, input, el("span", {}, `${name.replace("_", " ")}: ${words}`));
  }

  const rules = summary.choices.rules.map(({ name, words }) => [name, `${name.replace("-", " ")}: ${words}`]);
  const button = el("button", { type: "button", class: "button main" }, "Write the plan");
  button.addEventListener("click", write);
  for (const text of [prefer, never]) text.addEventListener("change", () => { setRule(); showStale(); });
  const slider = threshold(summary.lowest, settingsChanged, wanted);
  const form = el("form", { class: "rules" },
    select("Of each group, keep the", rules, keep, (value) => { keep = value; setRule(); showStale(); }),
    el("fieldset", { class: "kinds" }, el("legend", {}, "The same picture may go. Edited copies that may go too:"),
      summary.choices.kinds.map(kindBox)),
    field("Prefer to keep files in these folders (one per line)", prefer),
    field("Never remove anything in these folders (one per line)", never));
  form.addEventListener("submit", (event) => event.preventDefault());
  showChoices(summary.choices);
  settingsChanged();
  return {
    title: "Clean up",
    lead: "The plan comes first. Files are removed only when you confirm it, and only those that show the same picture as the one that stays.",
    tools: [slider, line],
    main: el("div", {}, form, byHand, caution, el("div", { class: "row-of-buttons" }, button), box, cards.element),
    ready: cards.refresh(),
  };
}

// Also the files beside the photos, which go with them.
function whatGoes(plan) {
  const lines = plan.classes.map(([words, n, size]) => `${count(n)} ${words}, ${size}`);
  return el("ul", { class: "notes" }, [...lines, ...[plan.warning, plan.companions].filter(Boolean)].map((line) => el("li", {}, line)));
}

function confirm(plan, cards) {
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
      const { lines } = await post("apply", { digest: plan.digest, confirmed: true, ...wanted });
      dialog.replaceChildren(el("h2", { id: "confirm-title" }, "Done"),
        ...lines.map((line) => el("p", {}, shown(line))),
        el("div", { class: "row-of-buttons" }, cancel));
      cancel.textContent = "Close";
      cancel.focus();
      cards.refresh();
    } catch {
      state.textContent = "";
      agreed.disabled = false;
      act.disabled = !agreed.checked;
    }
  });
  dialog.replaceChildren(
    el("h2", { id: "confirm-title" }, `Remove ${amount(plan.removals, "file")}?`),
    whatGoes(plan),
    el("p", {}, `${plan.size} will go to the trash; fastdup undo puts the files back.`),
    el("label", {}, agreed, el("span", {}, "Yes, I have looked through the plan.")),
    state,
    el("div", { class: "row-of-buttons" }, cancel, act));
  dialog.showModal();
  cancel.focus();
}
