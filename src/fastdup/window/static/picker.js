// Chooses a folder of this machine: names only, one level at a time.
import { post, get } from "./api.js";
import { el, plain, shown } from "./elements.js";

const dialog = document.getElementById("picker");
let last = "";

// Resolves to { path, shown }, or null when nothing was chosen.
export function pickFolder(title) {
  return new Promise((resolve) => {
    let here = null, picked = null;
    const typed = el("input", { id: "picker-path", type: "text", autocomplete: "off", spellcheck: "false", "aria-label": "Path of a folder" });
    const go = el("form", { class: "path-row" }, typed, el("button", { type: "submit", class: "button" }, "Go"));
    const shortcuts = el("ul", { class: "shortcuts", "aria-label": "Places" });
    const where = el("p", { class: "current" });
    const list = el("ul", { class: "folder-list", "aria-label": "Folders" });
    const line = el("p", { class: "note", role: "status" });
    const hidden = el("input", { type: "checkbox" });
    const choose = button("Choose this folder", () => { picked = { path: here.path, shown: here.shown }; dialog.close(); }, "main");
    const cancel = button("Cancel", () => dialog.close());

    const folder = (name, path, kind) => {
      const element = button(shown(name), () => enter(path), kind);
      element.dataset.name = plain(name).toLowerCase();
      return el("li", {}, element);
    };

    let asked = 0;
    async function enter(path, isFirst = false) {
      const mine = ++asked, before = typed.value;
      line.classList.remove("wrong");
      choose.disabled = true; // a large folder takes a moment, and "this" is not yet that one
      try {
        const found = await post("folders", { path, hidden: hidden.checked });
        if (mine !== asked) return;
        here = found;
      } catch (error) {
        if (mine !== asked) return;
        if (isFirst && path) return enter("");
        choose.disabled = here === null;
        line.textContent = error.message;
        return line.classList.add("wrong");
      }
      choose.disabled = false;
      last = here.path;
      const isTyping = typed.value !== before;
      if (!isTyping) typed.value = here.path;
      where.replaceChildren(shown(here.shown));
      const up = here.parent === null ? [] : [folder("‹ up", here.parent, "entry up")];
      list.replaceChildren(...up, ...here.folders.map(({ name, path: below }) => folder(name, below, "entry")));
      const left = [here.more ? `${here.more} more: type the path` : "", here.hidden ? `${here.hidden} hidden` : "",
        here.folders.length ? "" : "no folders in it"].filter(Boolean);
      line.textContent = left.join(" · ");
      list.scrollTop = 0;
      if (!isTyping) (list.querySelector(".entry:not(.up)") || choose).focus();
    }

    function move(event) {
      const entries = [...list.querySelectorAll("button")];
      const at = entries.indexOf(document.activeElement);
      if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
      const steps = { ArrowDown: 1, ArrowUp: -1, Home: -entries.length, End: entries.length };
      let next = null;
      if (event.key in steps) next = entries[Math.max(0, Math.min(at + steps[event.key], entries.length - 1))];
      else if (event.key === "ArrowRight") entries[at].click();
      else if ((event.key === "ArrowLeft" || event.key === "Backspace") && here.parent !== null) enter(here.parent);
      else if (event.key.length === 1 && event.key !== " ") {
        const order = [...entries.slice(at + 1), ...entries.slice(0, at + 1)];
        next = order.find((entry) => entry.dataset.name.startsWith(event.key.toLowerCase()));
      } else return;
      event.preventDefault();
      if (next) next.focus();
    }

    list.addEventListener("keydown", move);
    hidden.addEventListener("change", () => enter(here ? here.path : ""));
    go.addEventListener("submit", (event) => { event.preventDefault(); enter(typed.value.trim()); });
    dialog.addEventListener("close", () => { dialog.replaceChildren(); resolve(picked); }, { once: true });

    dialog.replaceChildren(
      el("h2", { id: "picker-title" }, title), go, shortcuts, where, list, line,
      el("label", { class: "tick" }, hidden, el("span", {}, "Show hidden folders")),
      el("div", { class: "row-of-buttons" }, choose, cancel));
    dialog.showModal();
    get("places").then(({ places, recent }) => {
      const seen = new Set(places.map(({ path }) => path));
      shortcuts.replaceChildren(...[...places, ...recent.filter(({ path }) => !seen.has(path))].map(({ name, path }) => folder(name, path, "small")));
    }).catch(() => {});
    enter(last, true);
  });
}

function button(words, act, kind = "") {
  const element = el("button", { type: "button", class: "button " + kind }, words);
  element.addEventListener("click", act);
  return element;
}
