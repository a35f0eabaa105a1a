"use strict";
// The page around the verifier. All proving is in the Go program; here a file is
// read, and an outcome is written. Nothing is kept, and nothing leaves the page.
(async () => {
  const find = (id) => document.getElementById(id);
  const form = find("form"), file = find("file"), trust = find("trust"), drop = find("drop");
  const chosen = find("chosen"), said = find("said"), result = find("outcome"), about = find("about");
  let turn = 0; // an answer to an older question is dropped

  // node makes an element. Text goes in as text: nothing of a file becomes markup.
  const node = (tag, style, ...inside) => {
    const n = document.createElement(tag);
    if (style) n.className = style;
    n.append(...inside);
    return n;
  };
  const isolated = (text) => { const n = node("bdi", "", text); n.dir = "auto"; return n; };
  const pair = (name, ...value) => node("div", "", node("dt", "", name), node("dd", "", ...value));

  const value = (row) => {
    if (row.parts) return node("ul", "parts", ...row.parts.map((p) => node("li", "", members(p))));
    if (row.texts) return node("ul", "texts", ...row.texts.map((t) => node("li", "", isolated(t))));
    return row.code ? node("code", "", row.text) : isolated(row.text ?? "");
  };
  const members = (rows) => node("dl", "members", ...rows.map((r) => pair(r.name, value(r))));

  const opening = (o) => node("div", "opening", node("dt", "", o.field), node("dd", "", ...o.lines.map((l) => {
    const line = node("span", "opening-line", l);
    line.dir = "auto";
    return line;
  })));

  const part = (s) => {
    const signed = node("details", "signed", node("summary", "", "As it was signed"), node("pre", "", node("code", "", s.signed)));
    return node("section", "said", node("h4", "", "It says to " + s.to), members(s.rows), signed);
  };

  const entry = (e) => {
    const card = node("article", "entry",
      node("header", "entry-head", node("h3", "", e.what), node("p", "tag", "Entry " + e.index)),
      node("dl", "place", pair("Written", e.hour), pair("In the log", isolated(e.origin)), pair("Its size", e.size + (e.size === "1" ? " entry" : " entries")),
        pair("Said to", e.said.map((s) => s.to).join(" and "))));
    if (e.opened) {
      card.append(node("section", "opened", node("h4", "", "Opened values"),
        node("p", "quiet", "These are the very values that the entry is about."), node("dl", "", ...e.opened.map(opening))));
    }
    card.append(...e.said.map(part));
    return card;
  };

  const tones = { verified: "granted", unanchored: "pending" };
  const signs = { verified: "✓", unanchored: "!" };

  const show = (o, name) => {
    const head = node("h2", "verdict-head", o.headline);
    head.tabIndex = -1;
    const sign = node("span", "verdict-sign", signs[o.state] ?? "✕");
    sign.setAttribute("aria-hidden", "true");
    const words = node("div", "verdict-words", head, node("p", "", o.sentence));
    if (o.reason) words.append(node("p", "verdict-detail", "Reason ", node("code", "", o.reason), ...(o.detail ? [": ", o.detail] : [])));
    const facts = node("dl", "place checked", pair("File", isolated(name)));
    if (o.sum) facts.append(pair("Its SHA-256", node("code", "", o.sum)));
    facts.append(pair("Trusted", o.trusted ? node("ul", "", ...o.trusted.map((t) => node("li", "", node("code", "", t)))) : "nobody"));
    const verdict = node("div", "answer verdict answer-" + (tones[o.state] ?? "error"), sign, words);
    result.replaceChildren(verdict, facts, ...(o.entries ?? []).map(entry));
    result.dataset.state = o.state;
    result.hidden = false;
    about.hidden = true;
    head.focus({ preventScroll: true });
    verdict.scrollIntoView({ block: "nearest" });
  };

  const broken = (sentence) => ({ state: "failed", reason: "broken", headline: "Failed: the check itself broke", sentence: sentence + " Nothing is proven." });

  // forget takes an answer away as soon as the question is another one.
  const forget = () => {
    turn++;
    said.textContent = "";
    result.hidden = true;
    result.replaceChildren();
    about.hidden = false;
  };

  const verify = async (given) => {
    if (!globalThis.bauta) return broken("Load the page again.");
    let bytes;
    try {
      bytes = new Uint8Array(await given.slice(0, globalThis.bauta.enough).arrayBuffer());
    } catch {
      return broken("The file could not be read: it may have been moved or changed since it was chosen.");
    }
    try {
      const o = JSON.parse(globalThis.bauta.verify(bytes, trust.value));
      return o && o.headline ? o : broken("The page gave no answer.");
    } catch {
      return broken("Load the page again.");
    }
  };

  const name = () => { chosen.textContent = file.files.length ? file.files[0].name : "No file yet"; };
  file.addEventListener("change", () => { forget(); name(); });
  trust.addEventListener("input", forget);
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    forget();
    if (!file.files.length) {
      said.textContent = "Choose a receipt first.";
      file.focus();
      return;
    }
    const mine = turn, given = file.files[0];
    said.textContent = "Checking…";
    await new Promise((done) => setTimeout(done, 20)); // so that the word is seen
    const o = await verify(given);
    if (mine !== turn) return;
    said.textContent = "";
    show(o, given.name);
  });

  // A file that is dropped beside the area must not replace the page.
  for (const what of ["dragover", "drop"]) addEventListener(what, (e) => e.preventDefault());
  drop.addEventListener("dragover", () => drop.classList.add("over"));
  for (const what of ["dragleave", "drop"]) drop.addEventListener(what, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (e) => {
    forget();
    if (e.dataTransfer.files.length !== 1) {
      said.textContent = "Drop one file at a time.";
      return;
    }
    file.files = e.dataTransfer.files;
    name();
  });

  try {
    const packed = Uint8Array.from(atob(find("program").textContent.trim()), (c) => c.charCodeAt(0));
    const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const go = new globalThis.Go();
    const { instance } = await WebAssembly.instantiate(await new Response(unpacked).arrayBuffer(), go.importObject);
    const ended = () => { delete globalThis.bauta; };
    go.run(instance).then(ended, ended);
    if (!globalThis.bauta) throw new Error("the program did not start");
    form.reset();
    name();
    form.hidden = false;
  } catch {
    find("unable").hidden = false;
  }
})();
