// Lists of images as files for other tools.
import { postBytes } from "./api.js";
import { el } from "./elements.js";
import { field } from "./tools.js";

// Format → its words, and the ending of its files.
const FORMATS = {
  csv: ["CSV", "csv"], list: ["List of files", "txt"], list0: ["List for xargs -0", "txt"],
  fiftyone: ["FiftyOne tags", "json"], coco: ["COCO", "json"],
};
let format = "csv";

// A choice of formats and a button; `what()` names the list for the server.
export function exportControl(what, words = "Export") {
  const choice = el("select", { class: "export-format" }, Object.entries(FORMATS).map(([name, [text]]) =>
    el("option", { value: name, selected: name === format }, text)));
  choice.addEventListener("change", () => { format = choice.value; });
  const button = el("button", { type: "button", class: "button" }, words);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const asked = what();
      save(await postBytes("export", { ...asked, format }), `fastdup-${asked.of}.${FORMATS[format][1]}`);
    } catch { /* it is shown already */ } finally {
      button.disabled = false;
    }
  });
  return el("div", { class: "export" }, field("Format", choice), button);
}

function save(bytes, name) {
  const link = el("a", { href: URL.createObjectURL(new Blob([bytes])), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
