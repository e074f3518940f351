// Cost over size: what the formula gives, exactly, for the sizes that are typed in.
function drawCurve(root, cost) {
  const inputs = [...root.querySelectorAll("[data-axis]")];
  const result = root.querySelector("[data-result]"), plot = root.querySelector("[data-plot]");
  const rows = [...root.querySelectorAll(".by-stage tbody tr")];
  const sides = inputs.filter((one) => ["height", "width"].includes(one.dataset.axis));
  const along = sides.length ? sides : inputs.slice(0, 1);
  const at = (change = () => null) => inputs.map((one) => change(one) ?? Number(one.value));
  const own = Math.max(...along.map((one) => Number(one.defaultValue)));
  const step = Number(along[0].step), least = Math.max(...along.map((one) => Number(one.min)));
  const total = (sizes) => { try { return cost.macs(...sizes); } catch { return null; } };

  function show() {
    inputs.forEach((one) => one.removeAttribute("aria-invalid"));
    let stages;
    try {
      if (inputs.some((one) => !/^\d{1,6}$/.test(one.value) || !Number(one.value))) throw new RangeError("sizes are whole numbers from 1 on");
      stages = cost.macsByStage(...at());
    } catch (error) {
      result.textContent = error.message;
      result.className = "bad";
      return;
    }
    const whole = Object.values(stages).reduce((sum, one) => sum + one, 0n);
    result.className = "";
    result.replaceChildren(made("b", {}, `${brief(whole)}MAC`), made("span", {}, exact(whole)));
    rows.forEach((row, index) => {
      row.cells[1].textContent = exact(stages[index]);
      row.cells[2].textContent = percent(stages[index], whole).replace(" %", "");
    });
    draw(whole);
  }

  function draw(whole) {
    const side = Math.max(...along.map((one) => Number(one.value)));
    const most = Math.max(2 * own, Math.ceil(1.1 * side / step) * step);
    const pace = step * Math.max(1, Math.round((most - least) / step / 60));
    const points = [];
    for (let size = least; size <= most; size += pace) {
      const macs = total(at((one) => along.includes(one) ? size : null));
      if (macs !== null) points.push([size, Number(macs)]);
    }
    if (points.length < 2) { plot.replaceChildren(); return; }
    const top = Math.max(Number(whole), ...points.map(([, macs]) => macs));
    const [left, right, high, wide] = [64, 16, 250, Math.max(280, plot.clientWidth)];
    const x = (size) => left + (size - least) / (most - least) * (wide - left - right);
    const y = (macs) => high - 28 - macs / top * (high - 44);
    const path = points.map(([size, macs]) => `${x(size).toFixed(1)} ${y(macs).toFixed(1)}`).join("L");
    const level = [0, 0.25, 0.5, 0.75, 1].map((part) => part * top);
    const across = [0, 1, 2, 3, 4].map((part) => Math.round((least + (most - least) * part / 4) / step) * step || least);
    const name = along.length > 1 ? "side of a square" : along[0].dataset.axis.replace(/_+$/, "").replaceAll("_", " ");
    const svg = (tag, attributes, text = "") => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
      Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
      element.textContent = text;
      return element;
    };
    const drawn = svg("svg", { viewBox: `0 0 ${wide} ${high}`, role: "img", width: wide, height: high, "aria-label": `MACs from ${least} to ${most}, ${name}` });
    level.forEach((macs) => drawn.append(svg("path", { class: "grid", d: `M${left} ${y(macs)}H${wide - right}` }),
      svg("text", { x: left - 8, y: y(macs) + 4, "text-anchor": "end" }, brief(Math.round(macs)))));
    across.forEach((size) => drawn.append(svg("text", { x: x(size), y: high - 10, "text-anchor": "middle" }, size)));
    drawn.append(svg("path", { class: "under", d: `M${x(points[0][0])} ${high - 28}L${path}L${x(points.at(-1)[0])} ${high - 28}Z` }),
      svg("path", { class: "line", d: `M${path}` }));
    drawn.append(svg("text", { x: left + 6, y: 14, class: "name" }, `MACs over the ${name}`));
    drawn.append(svg("circle", { cx: x(side), cy: y(Number(whole)), r: 4.5 }));
    plot.replaceChildren(drawn);
  }

  inputs.forEach((one) => one.addEventListener("input", show));
  window.addEventListener("resize", show);
  root.hidden = false;
  show();
}
