// Modules of a network: their figures in full, and the card that tells them.
const exact = (number) => BigInt(number).toLocaleString("en-US");

// A number with some decimals; a half goes to the even digit, as in every other output.
function rounded(number, decimals) {
  const long = number.toFixed(20), end = long.length - 20 + decimals;
  const kept = decimals ? long.slice(0, end) : long.slice(0, end - 1);
  return /^50*$/.test(long.slice(end)) && Number(kept.at(-1)) % 2 === 0 ? kept : number.toFixed(decimals);
}

// Three digits and a prefix, as everywhere else: 60130560 is 60.1 M.
function brief(number, billions = "G") {
  let scaled = Number(number), index = 0;
  while (scaled >= 999.5 && index < 5) { scaled /= 1000; index += 1; }
  if (!index) return String(number);
  return `${rounded(scaled, scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0)} ${index === 3 ? billions : "kMGTP"[index - 1]}`;
}

function bytes(number) {
  const names = ["B", "KiB", "MiB", "GiB", "TiB"];
  let scaled = Number(number), index = 0;
  while (scaled >= 1024 && index < 4) { scaled /= 1024; index += 1; }
  if (!index) return `${number} B`;
  return `${scaled >= 999.5 ? Math.round(scaled).toLocaleString("en-US") : Number(rounded(scaled, scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0))} ${names[index]}`;
}

function percent(part, whole) {
  const share = BigInt(whole) ? 100 * Number(part) / Number(whole) : 0;
  if (!share) return "0 %";
  if (share >= 0.95) return share < 99.5 || part === whole ? `${rounded(share, 0)} %` : ">99 %";
  return share >= 0.05 ? `${rounded(share, 1)} %` : "<0.1 %";
}

// A number alone says little: "attentions.1".
const lastName = (one) => /^\d+$/.test(one.name) ? one.path.split(".").slice(-2).join(".") : one.name;

// The modules of a page by path, each with its children and its skips.
function readModules(data) {
  const list = [], byPath = new Map();
  for (const [above, name, type, input, output, params, macs, held, live, attributes] of data.rows) {
    const parent = list[above];
    const one = {
      path: parent && parent.path ? `${parent.path}.${name}` : name, name, parent, children: [],
      type: data.words[type], input: data.words[input], output: data.words[output],
      attributes: data.words[attributes], params, macs, held, live, weights: BigInt(params) * BigInt(data.width),
    };
    parent?.children.push(one);
    list.push(one);
    byPath.set(one.path, one);
  }
  const skips = data.skips.map(([source, target, shape]) => ({ source, target, shape }));
  return { list, byPath, skips, stages: new Map(data.stages), network: data.network, dtype: data.dtype, root: list[0] };
}

const touching = (modules, path) => modules.skips.filter((skip) =>
  path && [skip.source, skip.target].some((end) => within(end, path) || within(path, end)));

// The card of one module: where it stands, its figures, its skips, and the modules inside it.
function fillCard(card, modules, one, choose) {
  const link = (path, words) => made("button", { type: "button", className: "link", onclick: () => choose(path) }, words);
  const fact = (name, value, note = "") => value ? [made("dt", {}, name), made("dd", {}, value, made("small", {}, note))] : [];
  const around = [];
  for (let above = one.parent; above; above = above.parent) around.unshift(link(above.path, above.path ? above.name : modules.network), ".");
  const title = modules.stages.get(one.path);
  const sized = [...one.children].filter((child) => BigInt(child.params) || BigInt(child.macs));
  const most = Math.max(1, ...sized.map((child) => Number(child.params)));
  const skips = touching(modules, one.path);
  card.replaceChildren(
    made("p", { className: "around" }, ...around),
    made("h2", {}, one.path ? lastName(one) : modules.network, ...(title ? [" ", made("small", {}, title)] : [])),
    made("p", { className: "type" }, one.path ? one.type : "The network"),
    made("dl", {},
      ...fact("input", one.input), ...fact("output", one.output),
      ...fact("parameters", exact(one.params), percent(one.params, modules.root.params)),
      ...fact("MACs", exact(one.macs), percent(one.macs, modules.root.macs)),
      ...fact("weights", bytes(one.weights), modules.dtype),
      ...fact("its output", one.held ? bytes(one.held) : "", modules.dtype),
      ...fact("live at most", one.live ? bytes(one.live) : "", "activations while it runs")),
    ...(skips.length ? [made("h3", {}, skips.length > 1 ? `${skips.length} skips` : "Skip"), made("ul", { className: "ends" },
      ...skips.map((skip) => made("li", {}, link(skip.source, skip.source), " → ", link(skip.target, skip.target), " ", made("small", {}, skip.shape))))] : []),
    ...(one.children.length ? [made("h3", {}, "Inside"), made("ul", { className: "inside" },
      ...one.children.map((child) => {
        const button = link(child.path, "");
        const bar = made("i", {});
        bar.style.width = `${100 * Number(child.params) / most}%`;
        button.append(made("span", {}, child.name), made("small", {}, child.type), made("b", {}, BigInt(child.params) ? brief(child.params, "B") : "–"), bar);
        return made("li", {}, button);
      }))] : []),
    ...(one.attributes ? [made("details", {}, made("summary", {}, "Settings"), made("p", {}, one.attributes))] : []));
  card.hidden = false;
}
