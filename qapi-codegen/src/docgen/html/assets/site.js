"use strict";
(function () {
  const root = document.documentElement;
  root.classList.add("scripted");

  // Dark and light. The choice outlives the page where the browser lets it.
  function remembered() {
    try { return localStorage.getItem("qapi-theme"); } catch { return null; }
  }
  const chosen = remembered();
  if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;

  function switchTheme() {
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("qapi-theme", root.dataset.theme); } catch { /* not remembered */ }
  }

  // The index is loaded when the search is first used.
  let loading = null;
  function index() {
    loading ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = "search.js";
      script.onload = () => resolve(unpack(window.qapiIndex));
      script.onerror = reject;
      document.head.append(script);
    });
    return loading;
  }

  // entries: [name, kind, page, marks, summary, "names of parts"].
  // words: "word step step,word step", sorted; each step leads to the next entry that has the word, with "!" in front if
  // it is in the introduction, with " " if it is elsewhere.
  function unpack(raw) {
    const entries = raw.entries.map(([name, kind, page, marks, summary, parts]) => ({
      name, marks, summary,
      lower: name.toLowerCase(),
      parts: parts ? parts.split(" ") : [],
      kind: raw.kinds[kind],
      file: raw.pages[page],
      title: raw.titles[page],
    }));
    const words = raw.words.split(",");
    const keys = words.map((word) => word.match(/^[^ !]*/)[0]);
    return { entries, words, keys };
  }

  // How well each entry fits one word of the query: from the text.
  function inText(data, word) {
    const scores = new Map();
    let low = 0;
    let high = data.keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (data.keys[middle] < word) low = middle + 1; else high = middle;
    }
    for (; low < data.keys.length && data.keys[low].startsWith(word); low += 1) {
      const exact = data.keys[low] === word ? 3 : 0;
      let entry = 0;
      for (const [, sign, step] of data.words[low].slice(data.keys[low].length).matchAll(/([ !])(\d+)/g)) {
        entry += Number(step);
        const score = (sign === "!" ? 8 : 4) + exact;
        if (score > (scores.get(entry) ?? 0)) scores.set(entry, score);
      }
    }
    return scores;
  }

  function inNames(entry, token) {
    const at = entry.lower.indexOf(token);
    if (at === 0) return { score: entry.lower === token ? 100 : 70 };
    if (at > 0) return { score: /[a-z0-9]/.test(entry.lower[at - 1]) ? 40 : 55 };
    let best = { score: 0 };
    for (const part of entry.parts) {
      const place = part.toLowerCase().indexOf(token);
      if (place < 0) continue;
      const score = part.length === token.length ? 30 : place === 0 ? 22 : 12;
      if (score > best.score) best = { score, part };
    }
    return best;
  }

  // How many letters must be changed, added, left out or swapped to make one word of each beginning of another, by the
  // beginning's length; none if that is more than `most` for all of them.
  function distances(a, b, most) {
    if (a.length - b.length > most) return null;
    let before = [];
    let last = Array.from({ length: b.length + 1 }, (_, i) => i);
    for (let i = 1; i <= a.length; i += 1) {
      const row = [i];
      for (let j = 1; j <= b.length; j += 1) {
        const cost = a[i - 1] === b[j - 1] ? 0 : 1;
        row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost);
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
      }
      if (Math.min(...row) > most) return null;
      before = last;
      last = row;
    }
    return last;
  }

  // The known word that a mistyped one was most likely meant to be, or else the beginning of one; none if nothing is close.
  function corrected(known, word) {
    const most = word.length < 4 ? 0 : word.length < 8 ? 1 : 2;
    const whole = { text: null, steps: most + 1 };
    const begun = { text: null, steps: most + 1 };
    for (const candidate of known) {
      const steps = distances(word, candidate, most);
      if (!steps) continue;
      if (steps[candidate.length] < whole.steps) { whole.steps = steps[candidate.length]; whole.text = candidate; }
      const least = Math.min(...steps);
      if (least < begun.steps) { begun.steps = least; begun.text = candidate.slice(0, steps.lastIndexOf(least)); }
    }
    return whole.text ?? begun.text;
  }

  // What is found; if no name is among it, before that what is found for the names or words that were meant, and these.
  function find(data, query) {
    const tokens = query.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = findTokens(data, tokens);
    if (!tokens.length || hits.some((hit) => hit.named)) return { hits, tokens, meant: null };
    data.names ??= [...new Set(data.entries.flatMap((entry) =>
      [entry.lower, ...entry.lower.split(/[^a-z0-9]+/), ...entry.parts.map((part) => part.toLowerCase())]))];
    const fits = (token) => findTokens(data, [token]).some((hit) => hit.named || !hits.length);
    const known = hits.length ? data.names : [...data.names, ...data.keys];
    const words = tokens.map((token) => (fits(token) ? token : corrected(known, token)));
    if (words.includes(null)) return { hits, tokens, meant: null };
    const others = findTokens(data, words);
    const rest = hits.filter((hit) => !others.some((other) => other.entry === hit.entry));
    return { hits: [...others, ...rest], tokens: [...tokens, ...words], meant: others.length ? words.join(" ") : null };
  }

  function findTokens(data, tokens) {
    if (!tokens.length) return [];
    const found = data.entries.map((entry) => ({ entry, score: 0, part: null, fits: true, named: false }));
    for (const token of tokens) {
      const texts = token.split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 1).map((word) => inText(data, word));
      found.forEach((hit, number) => {
        if (!hit.fits) return;
        const name = inNames(hit.entry, token);
        const all = texts.length > 0 && texts.every((scores) => scores.has(number));
        const text = all ? Math.min(...texts.map((scores) => scores.get(number))) : 0;
        const score = Math.max(name.score, text);
        hit.fits = score > 0;
        hit.score += score;
        if (name.part && name.score >= text) hit.part = name.part;
        if (name.score > 0) hit.named = true;
      });
    }
    const weight = { command: 3, event: 2 };
    for (const hit of found) hit.score += (weight[hit.entry.kind] ?? 0) - hit.entry.marks.length;
    return found.filter((hit) => hit.fits).sort((a, b) => b.score - a.score || a.entry.name.length - b.entry.name.length);
  }

  function marked(parent, text, tokens) {
    const lower = text.toLowerCase();
    let at = 0;
    while (at < text.length) {
      let next = -1;
      let length = 0;
      for (const token of tokens) {
        const place = lower.indexOf(token, at);
        if (place >= 0 && (next < 0 || place < next)) { next = place; length = token.length; }
      }
      if (next < 0) break;
      parent.append(text.slice(at, next));
      const mark = document.createElement("mark");
      mark.textContent = text.slice(next, next + length);
      parent.append(mark);
      at = next + length;
    }
    parent.append(text.slice(at));
  }

  function element(tag, name, text) {
    const made = document.createElement(tag);
    made.className = name;
    if (text) made.textContent = text;
    return made;
  }

  function search() {
    const input = document.getElementById(":search");
    const list = document.getElementById(":results");
    const status = document.getElementById(":found");
    const shown = 30;
    let selected = -1;
    let latest = 0;

    function close() {
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
      selected = -1;
    }

    function select(number) {
      const options = list.querySelectorAll("[role=option]");
      if (!options.length) return;
      options[selected]?.setAttribute("aria-selected", "false");
      selected = (number + options.length) % options.length;
      const option = options[selected];
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", option.id);
    }

    function option({ entry, part }, number, tokens) {
      const item = element("li", "");
      item.id = ":result-" + number;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", "false");
      const id = part ? entry.name + ":" + part : entry.name;
      item.dataset.address = entry.file + "#" + encodeURIComponent(id).replaceAll("%3A", ":");
      const what = element("span", "what");
      what.append(element("span", "kind " + entry.kind, entry.kind));
      const name = element("code", "");
      marked(name, part ? entry.name + " " + part : entry.name, tokens);
      what.append(name);
      if (entry.marks.includes("d")) what.append(element("span", "badge deprecated", "deprecated"));
      if (entry.marks.includes("u")) what.append(element("span", "badge unstable", "unstable"));
      what.append(element("span", "where", entry.title));
      item.append(what);
      if (entry.summary) {
        const summary = element("span", "summary");
        marked(summary, entry.summary, tokens.filter((token) => token.length > 1));
        item.append(summary);
      }
      return item;
    }

    async function show() {
      const query = input.value.trim();
      const turn = ++latest;
      if (!query) { close(); status.textContent = ""; return; }
      let data;
      try { data = await index(); } catch { status.textContent = "The index cannot be loaded"; return; }
      if (turn !== latest) return;
      const { hits, tokens, meant } = find(data, query);
      list.replaceChildren(...hits.slice(0, shown).map((hit, number) => option(hit, number, tokens)));
      if (!hits.length) {
        const nothing = element("li", "faint nothing", "Nothing found");
        nothing.setAttribute("role", "presentation");
        list.replaceChildren(nothing);
      }
      if (meant && hits.length) {
        const note = element("li", "faint nothing", "Results for " + meant);
        note.setAttribute("role", "presentation");
        list.prepend(note);
      }
      const instead = meant && hits.length ? " for " + meant : "";
      status.textContent = (hits.length === 1 ? "1 result" : hits.length + " results") + instead;
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      selected = -1;
      if (hits.length) select(0);
    }

    function go(item) {
      const address = item?.dataset.address;
      if (!address) return;
      close();
      input.blur();
      location.href = address;
    }

    input.addEventListener("focus", () => { index().catch(() => {}); });
    input.addEventListener("input", show);
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") select(selected + 1);
      else if (event.key === "ArrowUp") select(selected - 1);
      else if (event.key === "Enter") go(list.hidden ? null : list.querySelectorAll("[role=option]")[Math.max(selected, 0)]);
      else if (event.key === "Escape") { if (list.hidden) input.blur(); close(); } else return;
      event.preventDefault();
    });
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => go(event.target.closest("[role=option]")));
    input.addEventListener("blur", close);
    document.addEventListener("keydown", (event) => {
      const typing = event.target.closest?.("input, textarea, select");
      const wanted = (event.key === "/" && !typing) || (event.key === "k" && (event.ctrlKey || event.metaKey));
      if (!wanted || event.altKey) return;
      event.preventDefault();
      input.focus();
      input.select();
    });
    input.form.addEventListener("submit", (event) => event.preventDefault());
  }

  // What the address leads to may have moved to another page, or may not be there at all: in another revision, or since
  // somebody kept the address.
  async function seek() {
    document.querySelector(".missing")?.remove();
    let id;
    try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const name = id.split(":")[0];
    if (!name || document.getElementById(id)) return;
    let data;
    try { data = await index(); } catch { return; }
    const file = data.entries.find((entry) => entry.name === name)?.file;
    const here = decodeURIComponent(location.pathname.split("/").pop());
    if (file && file !== here) { location.replace(file + location.hash); return; }
    if (file && id !== name) { location.replace("#" + name); return; }
    if (file) return;
    const missing = element("p", "missing", "There is no " + name + " here.");
    missing.setAttribute("role", "status");
    document.querySelector("main").prepend(missing);
  }

  // The switch between revisions: it leads to what is being looked at, and folds up again by itself.
  function versions() {
    for (const menu of document.querySelectorAll(".versions")) {
      menu.addEventListener("click", (event) => {
        const link = event.target.closest("a");
        const isRevision = menu.querySelector("[aria-label=Revisions]");
        if (link && isRevision && !location.hash.startsWith("#:")) link.hash = location.hash;
      });
      document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
      menu.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return;
        menu.open = false;
        menu.querySelector("summary").focus();
      });
    }
  }

  // A button at each block of code; what it copies has no arrows and no words that are only heard.
  function copying() {
    for (const pre of document.querySelectorAll("main pre")) {
      const box = element("div", "copyable");
      const button = element("button", "", "Copy");
      button.type = "button";
      pre.replaceWith(box);
      box.append(pre, button);
      button.addEventListener("click", async () => {
        const copy = pre.cloneNode(true);
        for (const part of copy.querySelectorAll(".arrow, .unseen")) part.remove();
        try {
          await navigator.clipboard.writeText(copy.textContent);
          button.textContent = "Copied";
        } catch {
          button.textContent = "Not copied";
        }
        button.classList.add("done");
        setTimeout(() => { button.textContent = "Copy"; button.classList.remove("done"); }, 2000);
      });
    }
  }

  // What scrolls by itself must be reached by the keyboard.
  function scrolling() {
    for (const region of document.querySelectorAll("main pre, main .scroll, .counts")) {
      if (region.scrollWidth > region.clientWidth) region.tabIndex = 0; else region.removeAttribute("tabindex");
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    copying();
    scrolling();
    addEventListener("resize", scrolling);
    document.querySelector(".theme").addEventListener("click", switchTheme);
    // The page in front of several interfaces has neither a menu nor an index.
    if (!document.querySelector(".menu")) return;
    const menu = document.querySelector(".menu");
    const nav = document.getElementById(":modules");
    menu.addEventListener("click", () => {
      const open = nav.classList.toggle("open");
      menu.setAttribute("aria-expanded", String(open));
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !nav.classList.contains("open")) return;
      nav.classList.remove("open");
      menu.setAttribute("aria-expanded", "false");
      menu.focus();
    });
    nav.addEventListener("click", (event) => {
      if (event.target.closest("a")) { nav.classList.remove("open"); menu.setAttribute("aria-expanded", "false"); }
    });
    // The entry of what the address leads to, in the list of what is on the page.
    function locate() {
      const name = location.hash.slice(1).split(":")[0];
      nav.querySelector("[aria-current=location]")?.removeAttribute("aria-current");
      const entry = name && [...nav.querySelectorAll(".contents a")].find((link) => link.hash === "#" + name);
      if (!entry) return;
      entry.setAttribute("aria-current", "location");
      const middle = entry.offsetTop - nav.clientHeight / 2;
      if (Math.abs(nav.scrollTop - middle) > nav.clientHeight / 2) nav.scrollTop = middle;
    }
    addEventListener("hashchange", locate);
    locate();
    versions();
    addEventListener("hashchange", seek);
    seek();
    search();
    addEventListener("beforeprint", () => {
      for (const details of document.querySelectorAll("details")) details.open = true;
    });
  });
})();
