// Search among the models of a site, and what is copied by a button.
(() => {
  const field = document.querySelector("[data-search]");
  if (field) {
    const rows = [...document.querySelectorAll("tr[data-words]")];
    const told = document.querySelector("[data-told]");
    field.addEventListener("input", () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of rows) row.hidden = !words.every((word) => row.dataset.words.toLowerCase().includes(word));
      for (const section of document.querySelectorAll("[data-browsed]")) section.hidden = words.length > 0;
      for (const section of document.querySelectorAll("[data-rows]")) section.hidden = !section.querySelector("tr[data-words]:not([hidden])");
      const left = rows.filter((row) => !row.hidden).length;
      told.textContent = `${left} ${left === 1 ? field.dataset.search.slice(0, -1) : field.dataset.search}`;
    });
  }
  for (const line of document.querySelectorAll("[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "copy";
    button.setAttribute("aria-label", `copy ${line.dataset.copy}`);
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(line.querySelector("code").textContent);
      button.textContent = "copied";
    });
    line.append(button);
  }
})();
