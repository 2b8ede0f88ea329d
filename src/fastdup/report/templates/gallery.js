"use strict";
// Shows the cards of a gallery a few at a time, and two images closely. Whatever comes from outside
// (names, folders, labels) becomes text nodes only, never markup.
(() => {
  const AT_ONCE = 8;
  const AHEAD = "1200px";
  const byId = (id) => document.getElementById(id);
  const { folders, images, cards } = JSON.parse(byId("data").textContent);
  const list = byId("cards");
  const end = byId("end");
  const isRow = list.classList.contains("row");
  const isPair = list.classList.contains("pair");

  // --- elements ----------------------------------------------------------------------------

  function el(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value !== false && value !== null && value !== undefined) {
        element.setAttribute(name, value === true ? "" : value);
      }
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return element;
  }

  // A text is a string, or a list of [piece, is it an escape] where something invisible is spelt out.
  const plain = (text) => (typeof text === "string" ? text : text.map(([piece]) => piece).join(""));

  function shown(text) {
    const pieces = typeof text === "string" ? [[text, 0]] : text;
    const parts = pieces.map(([piece, escaped]) =>
      escaped ? el("span", { class: "escape" }, piece) : piece,
    );
    return el("bdi", { dir: "ltr", class: "text" }, parts);
  }

  const chip = (words, kind) => el("li", { class: "chip " + (kind || "") }, words);
  const chips = (items) => (items.length ? el("ul", { class: "chips" }, items) : null);

  // --- pictures: only those near the window hold their pixels --------------------------------

  const waiting = new Set();

  function pixels(number) {
    const holder = byId("p" + number);
    return holder && "data:image/jpeg;base64," + holder.textContent.trim();
  }

  function fill(image) {
    const source = pixels(image.dataset.number);
    if (source) image.src = source;
    else waiting.add(image);
  }

  document.addEventListener("DOMContentLoaded", () => {
    waiting.forEach(fill);
    waiting.clear();
  });

  const nearWindow = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) fill(target);
        else target.removeAttribute("src");
      }
    },
    { rootMargin: AHEAD },
  );

  function picture(number, lazily) {
    const image = images[number];
    const zoom = Math.max(1, Math.floor(128 / Math.max(image.tw, image.th)));
    const element = el("img", {
      alt: plain(image.name),
      width: image.tw * zoom,
      height: image.th * zoom,
      decoding: "async",
      class: zoom > 1 ? "tiny" : false,
      draggable: "false",
    });
    element.dataset.number = number;
    if (lazily) nearWindow.observe(element);
    else fill(element);
    return element;
  }

  // --- cards ---------------------------------------------------------------------------------

  function tile(card, position, cardNumber) {
    const member = card.m[position];
    const image = images[member.i];
    const stage = image.why
      ? el("div", { class: "stage missing" },
          el("p", {}, el("strong", {}, image.why)), el("p", {}, shown(image.detail)))
      : el("button", { class: "stage", type: "button", "aria-label": "Look closer at " + plain(image.name) },
          picture(member.i, true));
    if (!image.why) stage.addEventListener("click", () => viewer.open(cardNumber, position));
    return el("figure", { class: "tile" }, stage, el("figcaption", {},
      member.role ? el("p", { class: "role" }, member.role) : null,
      el("p", { class: "name" }, shown(image.name)),
      chips(tileChips(card, position)),
      image.why ? null : measures(image),
      image.extra ? el("p", { class: "extra" }, shown(image.extra)) : null,
      el("p", { class: "folder", title: plain(folders[image.dir].name) }, shown(folders[image.dir].name)),
    ));
  }

  function tileChips(card, position) {
    const member = card.m[position];
    const image = images[member.i];
    const found = [];
    if (image.label !== undefined) found.push(chip(shown(image.label), "label"));
    if (isRow && position && member.s) found.push(chip(member.s, "number"));
    if (isRow && member.same) found.push(chip("same bytes", "same"));
    for (const word of wordsOf(card, position)) found.push(chip(word));
    return found;
  }

  // What differs is said of the image that it is true of. In a row each image is compared with the
  // first one, so what is true of that one is said where the comparison stands.
  function wordsOf(card, position) {
    if (isRow) {
      const member = card.m[position];
      return [...(member.b || []), ...(member.a || []).map((word) => "first image " + word)];
    }
    return (position ? card.m[position].b : card.m[1] && card.m[1].a) || [];
  }

  function measures(image) {
    return el("ul", { class: "measures" },
      el("li", {}, `${image.w.toLocaleString("en")} × ${image.h.toLocaleString("en")}`),
      el("li", {}, image.size), image.format ? el("li", {}, image.format) : null);
  }

  function cardElement(number) {
    const card = cards[number];
    const id = "card-" + number;
    const notes = (card.facts || []).map((fact) => chip(fact, "fact"));
    if (!isRow && card.m.some((member) => member.same)) notes.push(chip("same bytes", "same"));
    const more = card.more
      ? el("p", { class: "more" }, `and ${card.more.toLocaleString("en")} more`) : null;
    const size = card.m.length + (more ? 1 : 0);
    return el("li", { "data-card": number, class: isRow && size > 2 ? "wide" : false }, el("article", { class: "card", "aria-labelledby": id },
      el("header", { class: "head" },
        el("h2", { id },
          el("span", { class: "number" }, `${capital(list.dataset.noun)} ${number + 1} `),
          card.word ? el("span", { class: "word" }, card.word) : null),
        chips(notes),
        card.s ? el("p", { class: "similarity" },
          el("span", { class: "unseen" }, isRow ? "mean similarity " : "similarity "),
          el("data", { value: card.v.similarity }, card.s)) : null),
      el("div", { class: "tiles" }, card.m.map((_, position) => tile(card, position, number)), more)));
  }

  const capital = (text) => text[0].toUpperCase() + text.slice(1);

  // --- order and choice ------------------------------------------------------------------------

  let chosen = cards.map((_, number) => number);
  let nShown = 0;
  const find = byId("find"), word = byId("word"), sort = byId("sort");
  const baseWord = (text) => text.replace(/ (to |by )?(about )?[\d.]+.*$/, "");
  const haystacks = [];

  function haystack(number) {
    if (haystacks[number] === undefined) {
      const card = cards[number];
      const texts = card.m.flatMap((member, position) => {
        const image = images[member.i];
        return [plain(folders[image.dir].name) + plain(image.name), plain(image.label || ""),
          plain(image.extra || ""), ...wordsOf(card, position)];
      });
      haystacks[number] = texts.join("\n").toLowerCase();
    }
    return haystacks[number];
  }

  const cardWords = (card) =>
    new Set(card.m.flatMap((member) => [...(member.a || []), ...(member.b || []),
      ...(member.same ? ["same bytes"] : [])]).map(baseWord));

  function choose() {
    const text = find.value.trim().toLowerCase();
    chosen = cards.map((_, number) => number).filter((number) =>
      (!text || haystack(number).includes(text)) &&
      (!word.value || cardWords(cards[number]).has(word.value)));
    if (sort.value) {
      const down = sort.value.startsWith("-");
      const key = sort.value.replace("-", "");
      const value = (number) => cards[number].v[key];
      chosen.sort((a, b) => (down ? value(b) - value(a) : value(a) - value(b)) || a - b);
    }
    nearWindow.disconnect();
    list.replaceChildren();
    nShown = 0;
    const all = cards.length.toLocaleString("en");
    const some = chosen.length.toLocaleString("en");
    const nouns = cards.length === 1 ? list.dataset.noun : list.dataset.nouns;
    byId("count").textContent = chosen.length === cards.length ? `${all} ${nouns}` : `${some} of ${all} ${nouns}`;
    showMore();
  }

  function showMore() {
    list.append(...chosen.slice(nShown, nShown + AT_ONCE).map(cardElement));
    nShown = Math.min(nShown + AT_ONCE, chosen.length);
    nearEnd.unobserve(end);
    if (nShown < chosen.length) requestAnimationFrame(() => nearEnd.observe(end));
  }

  const nearEnd = new IntersectionObserver(
    (entries) => { if (entries.some((entry) => entry.isIntersecting)) showMore(); },
    { rootMargin: AHEAD },
  );

  // --- two images, closely -------------------------------------------------------------------

  const viewer = (() => {
    const dialog = byId("viewer");
    const modes = [["side", "Side by side"], ["overlay", "Overlay"], ["difference", "Difference"]];
    let card, position, mode = "side", scale = 1, dx = 0, dy = 0, level = 0.5;

    function open(cardNumber, at) {
      card = cardNumber;
      position = Math.max(at, Math.min(1, cards[card].m.length - 1));
      if (!dialog.open) dialog.showModal();
      reset();
      draw();
    }

    function reset() { scale = 1; dx = 0; dy = 0; }

    const members = () => cards[card].m;
    const canCompare = () =>
      members().length > 1 && !images[members()[0].i].why && !images[members()[position].i].why;

    function draw() {
      const choseMode = document.activeElement.closest(".modes");
      const { m, word: likeness, s } = cards[card];
      const member = m[position];
      const similarity = member.s || s;
      const buttons = modes.map(([name, words], number) => {
        const button = el("button", { type: "button", "aria-pressed": String(mode === name),
          title: `key ${number + 1}`, disabled: name !== "side" && !canCompare() }, words);
        button.addEventListener("click", () => { mode = name; draw(); });
        return button;
      });
      const close = el("button", { type: "button", class: "close", "aria-label": "Close" }, "✕");
      close.addEventListener("click", () => dialog.close());
      dialog.replaceChildren(
        el("header", {},
          el("p", { class: "what", role: "status" },
            el("strong", {}, `${capital(list.dataset.noun)} ${card + 1}`),
            likeness && m.length === 2 ? ` ${likeness}` : "",
            similarity && m.length > 1 ? el("span", { class: "similarity" }, ` ${similarity}`) : null),
          m.length > 1 ? el("div", { class: "modes", role: "group", "aria-label": "How to compare" }, buttons) : null,
          close),
        stage(),
        el("footer", {},
          mode === "side" || !canCompare() ? null : slider(),
          el("p", { class: "keys" }, el("kbd", {}, "←"), " ", el("kbd", {}, "→"), " previous, next · ",
            m.length > 2 ? [el("kbd", {}, "↑"), " ", el("kbd", {}, "↓"), " other images · "] : [],
            el("kbd", {}, "+"), " ", el("kbd", {}, "−"), " zoom · drag to move")));
      place();
      (choseMode ? dialog.querySelector("[aria-pressed=true]") : close).focus();
    }

    function stage() {
      const m = members();
      const numbers = m.length === 1 ? [0] : [0, position || 1];
      if (mode !== "side" && canCompare()) {
        const canvas = el("canvas", { class: "zoomed", role: "img", "aria-label": mode });
        paint(canvas);
        return el("div", { class: "panes" }, el("div", { class: "pane" }, canvas));
      }
      return el("div", { class: "panes" }, numbers.map((number) => pane(number)));
    }

    function pane(number) {
      const image = images[members()[number].i];
      const facts = image.why
        ? el("p", {}, el("strong", {}, image.why))
        : el("div", { class: "pane" }, picture(members()[number].i, false));
      if (!image.why) facts.firstChild.classList.add("zoomed");
      const link = image.why ? null
        : el("a", { href: folders[image.dir].uri + image.uri, target: "_blank", rel: "noopener noreferrer" }, "Open the file");
      return el("figure", {}, facts, el("figcaption", {},
        el("p", { class: "name" }, shown(image.name)), image.why ? null : measures(image),
        chips(tileChips(cards[card], number)),
        el("p", { class: "folder" }, shown(folders[image.dir].name)), link));
    }

    function slider() {
      const input = el("input", { type: "range", min: 0, max: 1, step: 0.01, value: level });
      input.addEventListener("input", () => { level = Number(input.value); paint(dialog.querySelector("canvas")); });
      return el("label", { class: "field" }, el("span", {}, mode === "overlay" ? "First ↔ second" : "Strength"), input);
    }

    // Draws the second image where it lies in the first one: turned, mirrored, moved and scaled.
    function paint(canvas) {
      const first = members()[0], second = members()[position || 1];
      const a = images[first.i], b = images[second.i];
      const enlarge = Math.max(1, Math.floor(640 / Math.max(a.tw, a.th)));
      const [u, v, w, x, y, z] = second.t || [1, 0, 0, 1, 0, 0];
      const corners = [[y, z], [u + y, v + z], [w + y, x + z], [u + w + y, v + x + z]];
      const left = Math.min(0, ...corners.map((c) => c[0])), right = Math.max(1, ...corners.map((c) => c[0]));
      const top = Math.min(0, ...corners.map((c) => c[1])), bottom = Math.max(1, ...corners.map((c) => c[1]));
      const width = a.tw * enlarge, height = a.th * enlarge;
      canvas.width = Math.round(width * (right - left));
      canvas.height = Math.round(height * (bottom - top));
      Promise.all([load(first.i), load(second.i)]).then(([one, other]) => {
        const pen = canvas.getContext("2d");
        pen.setTransform(1, 0, 0, 1, 0, 0);
        pen.clearRect(0, 0, canvas.width, canvas.height);
        pen.translate(-left * width, -top * height);
        pen.globalCompositeOperation = "source-over";
        pen.globalAlpha = 1;
        pen.drawImage(one, 0, 0, width, height);
        if (mode === "overlay") pen.globalAlpha = level;
        else pen.globalCompositeOperation = "difference";
        pen.transform(u * width, v * height, w * width, x * height, y * width, z * height);
        pen.drawImage(other, 0, 0, 1, 1);
        pen.setTransform(1, 0, 0, 1, 0, 0);
        pen.globalAlpha = 1;
        pen.globalCompositeOperation = "lighter";
        for (let n = 0; mode === "difference" && n < Math.round(level * 6); n++) pen.drawImage(canvas, 0, 0);
        pen.globalCompositeOperation = "source-over";
      });
    }

    function load(number) {
      const image = new Image();
      image.src = pixels(number);
      return image.decode().then(() => image);
    }

    function place() {
      for (const image of dialog.querySelectorAll(".zoomed")) {
        image.style.transform = `translate(${dx}px, ${dy}px) scale(${scale})`;
      }
    }

    function zoom(factor) {
      scale = Math.min(16, Math.max(1, scale * factor));
      if (scale === 1) { dx = 0; dy = 0; }
      place();
    }

    function step(by) {
      const at = chosen.indexOf(card) + by;
      if (at >= 0 && at < chosen.length) {
        while (at >= nShown && nShown < chosen.length) showMore();
        open(chosen[at], 1);
        focusCard(at);
      }
    }

    function turn(by) {
      const n = members().length;
      if (n > 2) { position = 1 + ((position - 1 + by + n - 1) % (n - 1)); draw(); }
    }

    dialog.addEventListener("keydown", (event) => {
      if (event.target.type === "range" && event.key.startsWith("Arrow")) return;
      const acts = {
        ArrowRight: () => step(1), ArrowLeft: () => step(-1),
        ArrowDown: () => turn(1), ArrowUp: () => turn(-1),
        "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), 0: () => { reset(); place(); },
        1: () => { mode = modes[0][0]; draw(); }, 2: () => { mode = modes[1][0]; draw(); },
        3: () => { mode = modes[2][0]; draw(); },
      };
      const act = !event.ctrlKey && !event.metaKey && !event.altKey && acts[event.key];
      if (act) { event.preventDefault(); event.stopPropagation(); act(); }
    });
    dialog.addEventListener("wheel", (event) => {
      if (!event.target.closest(".pane")) return;
      event.preventDefault();
      zoom(Math.exp(-event.deltaY / 400));
    }, { passive: false });
    dialog.addEventListener("dblclick", (event) => {
      if (event.target.closest(".pane")) { if (scale > 1) { reset(); place(); } else zoom(3); }
    });
    dialog.addEventListener("pointermove", (event) => {
      if (event.buttons === 1 && event.target.closest(".pane") && scale > 1) {
        dx += event.movementX; dy += event.movementY; place();
      }
    });
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    return { open, isOpen: () => dialog.open };
  })();

  // --- keyboard --------------------------------------------------------------------------------

  function focusCard(at) {
    while (at >= nShown && nShown < chosen.length) showMore();
    const item = list.children[at];
    const target = item && (item.querySelector("button.stage") || item);
    if (!target) return;
    if (!viewer.isOpen()) target.focus();
    item.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, dialog");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const item = document.activeElement.closest("li[data-card]");
    const at = item ? [...list.children].indexOf(item) : -1;
    if (event.key === "j") focusCard(Math.min(at + 1, chosen.length - 1));
    else if (event.key === "k") focusCard(Math.max(at - 1, 0));
    else if (event.key === "/") { event.preventDefault(); find.focus(); }
  });

  // --- start -----------------------------------------------------------------------------------

  let typing;
  find.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(choose, 120); });
  word.addEventListener("change", choose);
  sort.addEventListener("change", choose);
  // The texts to search, and the words to choose from, are put together a few at a time.
  const counts = new Map();
  function prepare(from) {
    const to = Math.min(from + 100, cards.length);
    for (let number = from; number < to; number++) {
      haystack(number);
      for (const base of cardWords(cards[number])) counts.set(base, (counts.get(base) || 0) + 1);
    }
    if (to < cards.length) return void setTimeout(prepare, 10, to);
    for (const [base, count] of [...counts].sort((a, b) => b[1] - a[1])) {
      word.append(el("option", { value: base }, `${base} (${count.toLocaleString("en")})`));
    }
    word.closest("label").hidden = !counts.size;
  }
  setTimeout(prepare, 50, 0);
  document.querySelector(".tools").hidden = cards.length < 2;
  setTimeout(choose); // the top of the page is painted first
})();
