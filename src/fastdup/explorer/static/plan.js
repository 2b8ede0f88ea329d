// From the decisions to a written plan, and to carrying it out.
import { get, post } from "./api.js";
import { amount, cardList } from "./cards.js";
import { chip, count, el, shown } from "./elements.js";
import { lookAt, tile } from "./tiles.js";
import { chosen, field, select, status, threshold } from "./tools.js";

export function planView(summary) {
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
          notes: image.stays ? [chip("keep", "stays")] : [chip("remove", "goes"), chip(image.s, "number"),
            ...(image.same ? [chip("same bytes")] : [])],
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
  async function showCaution() {
    caution.textContent = chosen.threshold >= summary.copies_from ? ""
      : `Below ${summary.copies_from}, similar images may not be copies: look through the plan.`;
  }

  async function write() {
    button.disabled = true;
    line.textContent = "Writing the plan …";
    showCaution();
    try {
      await setRule();
      await post("plan", { threshold: chosen.threshold });
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
    const act = el("button", { type: "button", class: "button danger", disabled: !plan.removals }, "Do it now …");
    act.addEventListener("click", () => confirm(plan, cards));
    box.replaceChildren(
      el("h2", {}, `${amount(plan.removals, "file")} in ${amount(plan.groups, "group")} would be removed, ${plan.size}`),
      el("ul", { class: "notes" }, plan.left_alone.map(([why, n]) => el("li", {}, `left alone: ${count(n)} ${why}`))),
      el("p", { class: "folder" }, "Written to ", shown(plan.path), ". Change it with any editor, or carry it out with"),
      el("code", { class: "command" }, shown(plan.command)),
      el("div", { class: "row-of-buttons" },
        el("a", { class: "button", href: "/plan.csv", download: "clean-plan.csv" }, "Download the plan"), act));
  }

  const rules = summary.choices.rules.map(({ name, words }) => [name, `${name.replace("-", " ")}: ${words}`]);
  const button = el("button", { type: "button", class: "button main" }, "Write the plan");
  button.addEventListener("click", write);
  prefer.addEventListener("change", setRule);
  never.addEventListener("change", setRule);
  const form = el("form", { class: "rules" },
    select("Of each group, keep the", rules, keep, (value) => { keep = value; setRule(); }),
    field("Prefer to keep files in these folders (one per line)", prefer),
    field("Never remove anything in these folders (one per line)", never));
  form.addEventListener("submit", (event) => event.preventDefault());
  showChoices(summary.choices);
  showCaution();
  return {
    title: "Clean up",
    lead: "The plan comes first. Files are removed only when you confirm it, and only those at least this similar to the one that stays.",
    tools: [threshold(summary.lowest, showCaution), line],
    main: el("div", {}, form, byHand, caution, el("div", { class: "row-of-buttons" }, button), box, cards.element),
    ready: cards.refresh(),
  };
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
      const { lines } = await post("apply", { digest: plan.digest, confirmed: true });
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
    el("p", {}, `${plan.size} will go to the trash; fastdup undo puts the files back.`),
    el("label", {}, agreed, el("span", {}, "Yes, I have looked through the plan.")),
    state,
    el("div", { class: "row-of-buttons" }, cancel, act));
  dialog.showModal();
  cancel.focus();
}
