// What a block is in both networks: the table that stands beside the picture of a diff.

// Blocks of A and of B that are one another's counterpart, as far as their paths differ.
function paired(changes) {
  const other = { a: new Map(), b: new Map() };
  changes.filter((one) => one.dataset.kind === "block").forEach((one) => {
    const [a, b] = ["a", "b"].map((side) => sidePaths(one, side));
    if (a.length !== b.length) return;
    a.forEach((path, index) => { other.a.set(path, b[index]); other.b.set(b[index], path); });
  });
  return other;
}

// Paths of one side; those of B are not told again where they are A's.
const sidePaths = (one, side) => (one.dataset[side] ?? one.dataset.a ?? "").split(" ").filter(Boolean);

// The same block on both sides: by its counterpart, else by the same path, where nothing else has that path.
function bothOf(networks, other, path, side) {
  const across = side === "a" ? "b" : "a";
  const there = other[side].get(path) ?? (other[across].has(path) ? null : path);
  return { [side]: networks[side].byPath.get(path), [across]: there === null ? undefined : networks[across].byPath.get(there) };
}

const FACTS = [
  ["path", (one) => one.path],
  ["type", (one) => one.type],
  ["input", (one) => one.input],
  ["output", (one) => one.output],
  ["parameters", (one) => exact(one.params)],
  ["MACs", (one) => exact(one.macs)],
  ["weights", (one) => bytes(one.weights)],
  ["its output", (one) => one.held ? bytes(one.held) : ""],
  ["live at most", (one) => one.live ? bytes(one.live) : ""],
];

// Fact by fact: what is the same is told once, what differs side by side, what one network lacks is a dash.
function fillPair(card, networks, both, isKept) {
  const { a, b } = both, one = b ?? a;
  const cell = (side, words, wide) => {
    const told = made("td", { colSpan: wide ? 2 : 1 }, words);
    told.dataset.label = wide ? "both" : networks[side].name;
    return told;
  };
  const rows = FACTS.flatMap(([name, tell]) => {
    const [before, after] = [a ? tell(a) : "–", b ? tell(b) : "–"];
    if (![before, after].some((words) => words && words !== "–")) return [];
    const cells = before === after ? [cell("a", before, true)] : [cell("a", before, false), cell("b", after, false)];
    return [made("tr", { className: before === after ? "" : "differs" }, made("th", { scope: "row" }, name), ...cells)];
  });
  const heads = ["a", "b"].map((side) => made("th", { scope: "col" }, networks[side].name));
  card.replaceChildren(
    made("h2", {}, one.path ? lastName(one) : "The networks"),
    made("table", { className: "both" }, made("thead", {}, made("tr", {}, made("td", {}), ...heads)), made("tbody", {}, ...rows)));
  card.classList.toggle("kept", isKept);
  card.hidden = false;
}
