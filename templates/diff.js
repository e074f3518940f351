// Choosing a change shows its blocks in the picture; choosing a block shows its changes in the list.
(() => {
  const root = document.querySelector("[data-diff]");
  const svg = root.querySelector("figure svg"), card = root.querySelector("[data-pair]");
  const list = root.querySelector("[data-changes]"), told = root.querySelector("[data-told]"), find = root.querySelector("[data-find]");
  const filters = [...root.querySelectorAll("[data-only]")];
  const changes = [...list.querySelectorAll("[data-kind]")].map((line) => {
    // Most tensors tell their module by their name.
    if (line.dataset.a === undefined) line.dataset.a = line.querySelector(".what").textContent.split(".").slice(0, -1).join(".");
    const button = made("button", { type: "button", className: "line" }, ...line.childNodes);
    Object.assign(button.dataset, line.dataset);
    button.setAttribute("aria-pressed", "false");
    line.replaceWith(button);
    return button;
  });
  const parts = (side) => [...svg.querySelectorAll(`[data-side="${side}"] [data-path]`)];
  const sides = { a: parts("a"), b: parts("b") };
  const blocks = [...sides.a, ...sides.b].filter((part) => !part.dataset.path.startsWith("skip:"));
  // Brackets and their words tell of several blocks.
  const notes = [...svg.querySelectorAll("[data-a], [data-b]")];
  const tells = (note, change) => ["a", "b"].some((side) => (note.dataset[side] ?? "").split(" ").filter(Boolean).some((block) =>
    sidePaths(change, side).some((path) => within(path, block) || within(block, path))));
  let networks = null;
  const other = paired(changes);
  let kept = null;
  // What is focused must not lie under the picture that stays at the top.
  const seen = root.querySelector(".seen");
  const measure = () => document.body.style.setProperty("--seen", `${seen.offsetHeight + 8}px`);
  new ResizeObserver(measure).observe(seen);

  function touched(change) {
    const found = new Set();
    for (const side of ["a", "b"]) {
      // Where one strip shows both networks, it has B's names, and A's where B has none.
      const own = sides[side].length ? side : "b";
      for (const path of sidePaths(change, side)) parted(path, sides[own]).forEach((part) => found.add(part));
    }
    return found;
  }

  // The card of a block that is drawn; without one that of the block that was chosen, or of the networks.
  function tell(part) {
    if (!networks) return;
    const at = part ?? kept;
    const side = at?.closest("[data-side]")?.dataset.side ?? "b";
    const both = bothOf(networks, other, at?.dataset.path ?? "", side);
    if (both.a || both.b) fillPair(card, networks, both, kept !== null);
  }

  function light(found) {
    [...sides.a, ...sides.b].forEach((part) => part.classList.toggle("chosen", found.has(part)));
    svg.classList.toggle("choosing", found.size > 0);
  }

  function choose(change) {
    const found = change ? touched(change) : new Set();
    changes.forEach((one) => one.setAttribute("aria-pressed", one === change));
    notes.forEach((note) => note.classList.toggle("chosen", change !== null && tells(note, change)));
    light(found);
    kept = change && change.dataset.kind === "block" ? [...found].find((part) => blocks.includes(part)) ?? null : null;
    tell(null);
    setAddress(change ? change.parentElement.id : "");
  }

  // What an address leads to is chosen, unfolded and in sight.
  function follow() {
    const change = document.getElementById(anchored())?.querySelector("button.line");
    if (!change) return;
    only("");
    for (let around = change.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
    choose(change);
    change.scrollIntoView({ block: "nearest" });
    change.focus({ preventScroll: true });
  }

  // What a search unfolds folds again with it.
  const unfolded = new Set();
  function show(keep, words, isOpen) {
    unfolded.forEach((one) => (one.open = false));
    unfolded.clear();
    changes.forEach((one) => (one.parentElement.hidden = !keep(one)));
    list.querySelectorAll("section, details").forEach((one) => {
      one.hidden = ![...one.querySelectorAll("li")].some((line) => !line.hidden);
      if (isOpen && one.open === false) { one.open = true; unfolded.add(one); }
    });
    told.textContent = words;
  }

  function only(kind) {
    filters.forEach((one) => one.setAttribute("aria-pressed", one.dataset.only === kind));
    show((change) => !kind || change.dataset.kind === kind, "");
  }

  const counted = (number) => number === 1 ? "1 change" : `${number} changes`;

  function search() {
    const wanted = find.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    choose(null);
    only("");
    if (!wanted.length) return;
    const hits = new Set(changes.filter((one) => wanted.every((word) => one.textContent.toLowerCase().includes(word))));
    show((one) => hits.has(one), `${counted(hits.size)} found`, true);
  }

  function inspect(part) {
    choose(null);
    only("");
    const here = new Set(changes.filter((change) => touched(change).has(part)));
    show((change) => here.has(change), `${counted(here.size)} in ${part.dataset.path}`, true);
    kept = blocks.includes(part) ? part : null;
    light(new Set([part]));
    tell(null);
  }

  blocks.forEach((part, index) => {
    part.setAttribute("tabindex", index ? "-1" : "0");
    part.setAttribute("role", part.querySelector("[data-path]") ? "group" : "button");
    part.setAttribute("aria-label", part.dataset.path);
    part.querySelector(":scope > title")?.remove();
    part.addEventListener("focus", () => {
      blocks.forEach((each) => each.setAttribute("tabindex", each === part ? "0" : "-1"));
      tell(part);
    });
    part.addEventListener("blur", () => tell(null));
  });
  svg.setAttribute("role", "group");
  const pointed = (event) => event.target.closest("[data-path]");
  svg.addEventListener("pointerover", (event) => { if (event.pointerType !== "touch") tell(pointed(event)); });
  svg.addEventListener("pointerleave", () => tell(null));
  svg.addEventListener("click", (event) => {
    const part = pointed(event);
    if (!part) return;
    inspect(part);
    if (scrollY > seen.offsetTop) scrollTo(0, 0);
  });
  svg.addEventListener("keydown", (event) => {
    const at = blocks.indexOf(document.activeElement);
    if (at < 0) return;
    const next = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: blocks.length - 1 }[event.key];
    if (next !== undefined && blocks[next]) { event.preventDefault(); blocks[next].focus(); }
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); inspect(blocks[at]); }
  });

  changes.forEach((change) => change.addEventListener("click", () => choose(change.getAttribute("aria-pressed") === "true" ? null : change)));
  filters.forEach((one) => one.addEventListener("click", () => { find.value = ""; choose(null); only(one.dataset.only); }));
  find.addEventListener("input", search);
  root.querySelectorAll("[data-table]").forEach(moving);
  root.querySelectorAll("tr[data-row]").forEach((row) => {
    const part = parted(row.dataset.row, blocks);
    row.addEventListener("pointerenter", () => { light(new Set(part)); tell(part[0] ?? null); });
    row.addEventListener("pointerleave", () => { light(new Set(kept ? [kept] : [])); tell(null); });
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { find.value = ""; choose(null); only(""); return; }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !changes.includes(document.activeElement)) return;
    const visible = changes.filter((one) => one.offsetParent !== null);
    const next = visible[visible.indexOf(document.activeElement) + step];
    if (next) { event.preventDefault(); next.focus(); choose(next); }
  });
  window.addEventListener("hashchange", follow);
  root.querySelectorAll("[data-bar], [data-keys]").forEach((one) => (one.hidden = false));
  measure();
  unpacked(root.querySelector("[data-packed]")).then((data) => {
    networks = Object.fromEntries(Object.entries(data).map(([side, one]) => [side, { name: one.name, ...readModules(one) }]));
    tell(null);
  });
  follow();
})();
