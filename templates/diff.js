// Choosing a change shows its blocks in the picture; choosing a block shows its changes in the list.
(() => {
  const svg = document.querySelector("figure svg");
  const changes = [...document.querySelectorAll("button[data-kind]")];
  const filters = [...document.querySelectorAll(".bar button[data-only]")];
  const told = document.querySelector("[role=status]");
  const parts = (side) => [...svg.querySelectorAll(`[data-side="${side}"] [data-path]`)];
  const sides = { a: parts("a"), b: parts("b") };
  const paths = (one, side) => (one.dataset[side] ?? "").split(" ").filter(Boolean);
  // Brackets and their words tell of several blocks.
  const notes = [...svg.querySelectorAll("[data-a], [data-b]")];
  const tells = (note, change) => ["a", "b"].some((side) => paths(note, side).some((block) =>
    paths(change, side).some((path) => within(path, block) || within(block, path))));
  // What is focused must not lie under the picture that stays at the top.
  const seen = document.querySelector(".seen");
  const measure = () => document.body.style.setProperty("--seen", `${seen.offsetHeight + 8}px`);
  window.addEventListener("resize", measure);
  measure();

  function touched(change) {
    const found = new Set();
    for (const side of ["a", "b"]) {
      // Where one strip shows both networks, it has B's names, and A's where B has none.
      const own = sides[side].length ? side : "b";
      for (const path of paths(change, side)) parted(path, sides[own]).forEach((part) => found.add(part));
    }
    return found;
  }

  function choose(change) {
    const found = change ? touched(change) : new Set();
    changes.forEach((one) => one.setAttribute("aria-pressed", one === change));
    [...sides.a, ...sides.b].forEach((part) => part.classList.toggle("chosen", found.has(part)));
    notes.forEach((note) => note.classList.toggle("chosen", change !== null && tells(note, change)));
    svg.classList.toggle("choosing", found.size > 0);
    setAddress(change ? change.parentElement.id : "");
  }

  // What an address leads to is chosen, unfolded and in sight.
  function follow() {
    const change = document.getElementById(anchored())?.querySelector("button");
    if (!change) return;
    only("");
    for (let around = change.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
    choose(change);
    change.scrollIntoView({ block: "nearest" });
    change.focus({ preventScroll: true });
  }

  function show(keep, words, isOpen) {
    changes.forEach((one) => (one.parentElement.hidden = !keep(one)));
    document.querySelectorAll("section, details").forEach((one) => {
      one.hidden = ![...one.querySelectorAll("li")].some((line) => !line.hidden);
      if (isOpen) one.open = true;
    });
    told.textContent = words;
  }

  function only(kind) {
    filters.forEach((one) => one.setAttribute("aria-pressed", one.dataset.only === kind));
    show((change) => !kind || change.dataset.kind === kind, "");
  }

  window.addEventListener("hashchange", follow);

  changes.forEach((change) => {
    change.addEventListener("click", () => choose(change.getAttribute("aria-pressed") === "true" ? null : change));
  });
  filters.forEach((one) => one.addEventListener("click", () => { choose(null); only(one.dataset.only); }));

  svg.addEventListener("click", (event) => {
    const part = event.target.closest("[data-path]");
    if (!part) return;
    choose(null);
    only("");
    const here = changes.filter((change) => touched(change).has(part));
    show((change) => here.includes(change), `${here.length} changes in ${part.dataset.path}`, true);
    window.scrollTo(0, 0);
    part.classList.add("chosen");
    svg.classList.add("choosing");
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { choose(null); only(""); return; }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !changes.includes(document.activeElement)) return;
    const visible = changes.filter((one) => one.offsetParent !== null);
    const next = visible[visible.indexOf(document.activeElement) + step];
    if (next) { event.preventDefault(); next.focus(); choose(next); }
  });
  follow();
})();
