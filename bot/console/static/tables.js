// Tables sort by a click on a column's title; what is not known stays at the end. Long ones are folded at first.

export function handleTables(page) {
  page.addEventListener("click", (event) => {
    const button = event.target.closest("[data-sort]");
    if (button) sortBy(button.closest("th"));
    event.target.closest("[data-unfold]")?.closest(".table").classList.remove("folded");
  });
}

function sortBy(heading) {
  const direction = heading.ariaSort === "ascending" ? "descending" : "ascending";
  for (const other of heading.parentElement.children) other.ariaSort = null;
  heading.ariaSort = direction;
  const body = heading.closest("table").tBodies[0];
  const compare = comparison(heading, direction);
  body.append(...[...body.rows].sort(compare));
}

function comparison(heading, direction) {
  const isText = heading.classList.contains("text");
  const sign = direction === "ascending" ? 1 : -1;
  const value = (row) => row.cells[heading.cellIndex].dataset.value;
  return (one, other) => {
    const [a, b] = [value(one), value(other)];
    if (a === "" || b === "") return (a === "") - (b === "");
    return sign * (isText ? a.localeCompare(b) : Number(a) - Number(b));
  };
}
