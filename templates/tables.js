// Tables that sort by a heading and filter by a word.
function sortable(table, told) {
  const body = table.tBodies[0], rows = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const key = (row, at) => {
    const cell = row.cells[at];
    return at === 0 ? cell.textContent : cell.dataset.key === "" ? -1 : Number(cell.dataset.key);
  };
  heads.forEach((head, at) => {
    const button = made("button", { type: "button" }, head.textContent);
    head.replaceChildren(button);
    if (head.dataset.heading) button.setAttribute("aria-label", head.dataset.heading);
    button.addEventListener("click", () => {
      const now = head.getAttribute("aria-sort"), first = at ? "descending" : "ascending", second = at ? "ascending" : "descending";
      const next = now === first ? second : now === second ? null : first;
      heads.forEach((one) => one.removeAttribute("aria-sort"));
      if (next) head.setAttribute("aria-sort", next);
      const sign = next === "ascending" ? 1 : -1;
      const ordered = next ? [...rows].sort((a, b) => {
        const [one, other] = [key(a, at), key(b, at)];
        return sign * (at ? one - other : one.localeCompare(other, "en", { numeric: true }));
      }) : rows;
      body.append(...ordered);
    });
  });
  return (words) => {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    rows.forEach((row) => {
      const text = `${row.cells[0].textContent} ${row.dataset.row ?? ""}`.toLowerCase();
      row.hidden = !wanted.every((word) => text.includes(word));
    });
    const left = rows.filter((row) => !row.hidden).length;
    told.textContent = wanted.length ? `${left} of ${rows.length}` : "";
  };
}

// A table of a page with its filter.
function moving(one) {
  const filter = one.querySelector(".filter");
  const only = sortable(one.querySelector("table"), one.querySelector(".left"));
  filter.hidden = false;
  filter.querySelector("input").addEventListener("input", (event) => only(event.target.value));
}
