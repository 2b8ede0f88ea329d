// Is it here? Images that are dropped on the page are looked for; they are neither stored nor kept.
import { post, queue } from "./api.js";
import { amount } from "./cards.js";
import { chip, count, el, shown } from "./elements.js";
import { lookAt, tile } from "./tiles.js";

// Nearest images that are shown of one that is new.
const NEAREST = 8;

export function searchView() {
  const input = el("input", { type: "file", accept: "image/*", multiple: true, class: "unseen", id: "file" });
  const folder = el("input", { type: "file", webkitdirectory: true, class: "unseen", id: "folder" });
  const button = el("button", { type: "button", class: "button main" }, "Choose images");
  const folderButton = el("button", { type: "button", class: "button" }, "Choose a folder");
  const drop = el("section", { class: "drop" },
    el("p", {}, "Drop images or a folder here to see whether the collection has them."),
    el("label", { class: "unseen", for: "file" }, "Images to search for"), input,
    el("label", { class: "unseen", for: "folder" }, "Folder to search for"), folder,
    el("div", { class: "row-of-buttons" }, button, folderButton));
  const line = el("p", { class: "count", role: "status" });
  const tools = el("div", { class: "row-of-buttons", hidden: true });
  const list = el("ol", { class: "cards answers results" });
  const main = el("div", {}, drop, line, tools, list);
  let asked = 0, sources = [];

  async function search(files) {
    const mine = ++asked, answers = [];
    for (const source of sources) URL.revokeObjectURL(source);
    sources = [];
    drop.classList.add("small");
    list.replaceChildren();
    tools.hidden = true;
    const soon = queue(2);
    // The newest of a queue comes first: so the last file is put in first.
    await Promise.all([...files.entries()].reverse().map(([number, file]) => new Promise((done) => {
      soon(async () => {
        try {
          if (mine === asked) answers[number] = await lookFor(file);
        } finally {
          if (mine === asked) showNow(files, answers);
          done();
        }
      });
    })));
  }

  async function lookFor(file) {
    const source = URL.createObjectURL(file);
    sources.push(source);
    const image = { name: file.webkitRelativePath || file.name, dir: "dropped on this page", source };
    try {
      return { image, ...await post("search", file, { quiet: true }) };
    } catch (error) {
      return { image, problem: error.message };
    }
  }

  function showNow(files, answers) {
    const done = answers.filter(Boolean);
    const here = done.filter(({ copies }) => copies), bad = done.filter(({ problem }) => problem);
    const fresh = done.filter(({ copies, problem }) => !copies && !problem);
    const known = [[here, "here"], [fresh, "new"], [bad, "not readable"]].filter(([some]) => some.length);
    line.textContent = done.length < files.length ? `Searching … ${count(done.length)} of ${count(files.length)}`
      : files.length === 1 ? "" : known.map(([some, words]) => `${count(some.length)} ${words}`).join(" · ");
    const order = files.length === 1 ? answers : [...fresh, ...here, ...bad];
    const place = new Map([...list.children].map((item) => [item.answer, item]));
    list.replaceChildren(...order.map((answer) => place.get(answer) || answerCard(answer)));
    tools.hidden = done.length < files.length || files.length === 1 || !fresh.length;
    offerList(fresh);
  }

  function offerList(fresh) {
    const names = fresh.map(({ image }) => image.name).join("\n") + "\n";
    const save = el("button", { type: "button", class: "button" }, `Save the list of ${amount(fresh.length, "new file")}`);
    save.addEventListener("click", () => {
      const link = el("a", { href: URL.createObjectURL(new Blob([names])), download: "new-images.txt" });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    });
    tools.replaceChildren(save);
  }

  button.addEventListener("click", () => input.click());
  folderButton.addEventListener("click", () => folder.click());
  for (const one of [input, folder]) {
    one.addEventListener("change", () => {
      if (one.files.length) search([...one.files].filter((file) => one === input || mayBeImage(file)));
    });
  }
  return { title: "Search", lead: "Is it here already? Check your images against the collection.",
    tools: [], main, ready: Promise.resolve(), search };
}

const mayBeImage = (file) => !file.type || file.type.startsWith("image/");

function answerCard(answer) {
  const { image, problem, copies, items = [] } = answer;
  const picture = el("img", { src: image.source, alt: "", class: "query" });
  const verdict = problem ? "Not readable" : copies ? `Yes, ${count(copies)} ${copies === 1 ? "copy" : "copies"}` : "No copy here";
  const found = copies ? items.slice(0, copies) : items.slice(0, NEAREST);
  const look = (at) => {
    if (!found[at]) return;
    const query = { ...image, w: picture.naturalWidth || undefined, h: picture.naturalHeight || undefined };
    const { word, s } = found[at];
    lookAt({ title: `Result ${at + 1}`, word, s, images: [query, found[at]] }, 1, (by) => look(at + by));
  };
  const line = el("li", {}, el("article", { class: "card answer", "aria-label": verdict },
    el("header", { class: "head" }, picture, el("h2", {}, verdict), el("p", { class: "name" }, shown(image.name))),
    problem ? el("p", {}, problem) : null,
    !problem && !copies && found.length ? el("p", { class: "lead" }, "Nearest:") : null,
    el("div", { class: "tiles" }, found.map((hit, at) => tile(hit, {
      notes: [chip(hit.s, "number"), chip(hit.word)], look: () => look(at) })))));
  line.answer = answer;
  return line;
}

// Returns the files that were dropped: those of folders too.
export async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return [...transfer.files];
  const files = [];
  for (const entry of entries) await gather(entry, "", files);
  return files.filter(mayBeImage);
}

async function gather(entry, path, files) {
  if (entry.isFile) {
    const file = await new Promise((found, failed) => { entry.file(found, failed); }).catch(() => null);
    if (file) files.push(new File([file], path + file.name, { type: file.type }));
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((found, failed) => { reader.readEntries(found, failed); }).catch(() => []);
    if (!some.length) return;
    for (const one of some) await gather(one, `${path}${entry.name}/`, files);
  }
}
