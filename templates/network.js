// The page of one network: its picture, the module at hand, tables and curve.
(async () => {
  const root = document.querySelector("[data-network]");
  const figure = root.querySelector("figure"), card = root.querySelector("[data-module]");
  const data = await unpacked(root.querySelector("[data-packed]"));
  const modules = readModules(data.modules);
  const told = root.querySelector("[data-told]"), find = root.querySelector("[data-find]"), found = root.querySelector("[data-found]");
  const switches = [...root.querySelectorAll(".switch")];
  const pictures = new Map(), look = { depth: "", colour: "", label: "" };
  const rows = [...root.querySelectorAll("tr[data-row]")];
  let kept = null, seen = null, parts = [];
  const chosen = (name) => root.querySelector(`[data-${name}][aria-pressed="true"]`).dataset[name];

  // What is lit: the module, its skips, and their other ends.
  function light(path) {
    const svg = figure.querySelector("svg");
    const skips = parts.filter((part) => part.dataset.path.startsWith("skip:"));
    const blocks = parts.filter((part) => !part.dataset.path.startsWith("skip:"));
    const own = new Set(path ? parted(path, blocks) : []);
    const ends = new Set(), lanes = new Set();
    skips.forEach((lane) => {
      const both = lane.dataset.path.slice(5).split(">");
      if (!path || !both.some((end) => within(end, path) || within(path, end))) return;
      lanes.add(lane);
      both.forEach((end) => parted(end, blocks).forEach((part) => ends.add(part)));
    });
    parts.forEach((part) => {
      part.classList.toggle("chosen", own.has(part));
      part.classList.toggle("joined", lanes.has(part) || (ends.has(part) && !own.has(part)));
    });
    rows.forEach((row) => row.classList.toggle("chosen", Boolean(path) && row.dataset.row === path));
    svg.classList.toggle("choosing", kept !== null && path === kept && own.size > 0);
  }

  function show(path) {
    const one = modules.byPath.get(path ?? kept ?? "") ?? modules.root;
    if (one === seen && path === null) { light(kept); return; }
    seen = one;
    fillCard(card, modules, one, keep);
    light(path ?? kept);
  }

  function keep(path) {
    kept = path || null;
    seen = null;
    show(null);
    told.textContent = kept ? `${kept} is chosen` : "";
    setAddress(kept ? `module-${kept}` : "");
  }

  // A skip is told by the module that reads it.
  const meant = (part) => part.dataset.path.startsWith("skip:") ? part.dataset.path.split(">")[1] : part.dataset.path;

  function wire(svg) {
    svg.setAttribute("role", "group");
    const drawn = [...svg.querySelectorAll("[data-path]")];
    drawn.forEach((part, index) => {
      const one = modules.byPath.get(meant(part));
      part.setAttribute("tabindex", index ? "-1" : "0");
      part.setAttribute("role", part.querySelector("[data-path]") ? "group" : "button");
      part.setAttribute("aria-label", part.dataset.path.startsWith("skip:") ? part.dataset.path.replace("skip:", "skip from ").replace(">", " to ")
        : `${part.dataset.path}${one ? `, ${one.type}, ${brief(one.params, "B")} parameters, ${brief(one.macs)}MAC` : ""}`);
      part.querySelector(":scope > title")?.remove();
      part.addEventListener("focus", () => {
        drawn.forEach((other) => other.setAttribute("tabindex", other === part ? "0" : "-1"));
        show(meant(part));
      });
      part.addEventListener("blur", () => show(null));
    });
    const target = (event) => event.target.closest("[data-path]");
    svg.addEventListener("pointerover", (event) => { if (event.pointerType !== "touch") show(target(event) ? meant(target(event)) : null); });
    svg.addEventListener("pointerleave", () => show(null));
    svg.addEventListener("click", (event) => {
      const part = target(event);
      keep(part && meant(part) !== kept ? meant(part) : null);
    });
    svg.addEventListener("keydown", (event) => {
      const at = drawn.indexOf(document.activeElement);
      const next = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: drawn.length - 1 }[event.key];
      if (at < 0) return;
      if (next !== undefined && drawn[next]) { event.preventDefault(); drawn[next].focus(); }
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); keep(meant(drawn[at]) === kept ? null : meant(drawn[at])); }
    });
  }

  // Words on blocks in place of their letters, upright where a block is narrow.
  function label(svg, what) {
    svg.querySelectorAll(".told").forEach((one) => one.remove());
    const blocks = [...svg.querySelectorAll("[data-path]")].filter((part) => !part.dataset.path.startsWith("skip:")
      && !modules.stages.has(part.dataset.path) && !part.querySelector("[data-path]"));
    const last = new Map(blocks.map((part) => [part.dataset.path, part]));
    blocks.forEach((part) => part.classList.remove("worded"));
    // A concatenation goes by the path of what reads it, and stands before that.
    last.forEach((part) => {
      part.classList.toggle("worded", Boolean(what));
      const one = modules.byPath.get(part.dataset.path), box = part.querySelector(":scope > rect");
      if (!what || !one || !box) return;
      const words = { name: one.path.split(".").slice(-2).join("."), params: brief(one.params, "B"), macs: brief(one.macs), output: one.output }[what];
      const [x, y, wide, high] = ["x", "y", "width", "height"].map((name) => Number(box.getAttribute(name)));
      const room = 5.4 * words.length, upright = room > wide && high > wide, long = upright ? high : wide;
      const text = document.createElementNS("http://www.w3.org/2000/svg", "text");
      const size = Math.min(9, 9 * long / room, (upright ? wide : high) * 0.9);
      if (size < 4) { part.classList.remove("worded"); return; }
      const [middle, centre] = [x + wide / 2, y + high / 2];
      Object.entries({ class: "told", x: middle, y: centre, "font-size": size, "text-anchor": "middle", "dominant-baseline": "central" }).forEach(([name, value]) => text.setAttribute(name, value));
      if (upright) text.setAttribute("transform", `rotate(-90 ${middle} ${centre})`);
      text.textContent = words;
      part.append(text);
    });
  }

  function picture() {
    const key = `${look.depth} ${look.colour}`;
    if (!pictures.has(key)) {
      const svg = document.importNode(new DOMParser().parseFromString(pictureOf(data, key), "image/svg+xml").documentElement, true);
      wire(svg);
      pictures.set(key, svg);
    }
    const svg = pictures.get(key);
    figure.replaceChildren(svg);
    label(svg, look.label);
    parts = [...svg.querySelectorAll("[data-path]")];
    seen = null;
    show(null);
  }

  function search() {
    const wanted = find.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const hits = wanted.length ? modules.list.filter((one) => one.path && wanted.every((word) => one.path.toLowerCase().includes(word))) : [];
    hits.sort((a, b) => a.path.length - b.path.length);
    found.replaceChildren(...hits.slice(0, 10).map((one) => made("li", {}, made("button", { type: "button", onclick: () => { keep(one.path); found.replaceChildren(); find.value = one.path; } }, made("span", {}, one.path), made("small", {}, one.type)))));
    told.textContent = wanted.length ? `${hits.length} modules found` : "";
  }

  for (const name of Object.keys(look)) look[name] = chosen(name);
  pictures.set(`${look.depth} ${look.colour}`, figure.querySelector("svg"));
  wire(figure.querySelector("svg"));
  switches.forEach((group) => group.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    group.querySelectorAll("button").forEach((one) => one.setAttribute("aria-pressed", one === button));
    Object.assign(look, { ...button.dataset });
    picture();
  }));
  find.addEventListener("input", search);
  find.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && found.firstChild) found.querySelector("button").click();
    if (event.key === "ArrowDown" && found.firstChild) { event.preventDefault(); found.querySelector("button").focus(); }
  });
  found.addEventListener("keydown", (event) => {
    const next = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (!next) return;
    event.preventDefault();
    (document.activeElement.parentElement[next]?.querySelector("button") ?? find).focus();
  });
  rows.forEach((row) => {
    if (!modules.byPath.has(row.dataset.row)) return;
    const head = row.cells[0];
    const button = made("button", { type: "button", className: "link", onclick: () => { keep(row.dataset.row); root.querySelector("#picture").scrollIntoView({ block: "start" }); } }, head.firstChild.textContent.trim());
    head.replaceChild(button, head.firstChild);
    button.after(" ");
    row.addEventListener("pointerenter", () => show(row.dataset.row));
    row.addEventListener("pointerleave", () => show(null));
  });
  root.querySelectorAll("[data-table]").forEach(moving);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    find.value = "";
    found.replaceChildren();
    keep(null);
  });
  const follow = () => {
    const path = anchored().match(/^module-(.+)$/)?.[1];
    if (path && modules.byPath.has(path)) { keep(path); root.querySelector("#picture").scrollIntoView({ block: "start" }); }
  };
  window.addEventListener("hashchange", follow);
  root.querySelectorAll("[data-bar], [data-keys]").forEach((one) => (one.hidden = false));
  const curve = root.querySelector("[data-curve]");
  if (curve && typeof cost !== "undefined") { drawCurve(curve, cost); root.querySelector("[data-formula]").open = false; }
  picture();
  follow();
})();
