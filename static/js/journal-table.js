// The journal's table as the portal made it: whose cell it is, of which lesson, and what is known of it.

export const box = document.querySelector("[data-journal-box]");
export const table = box.querySelector("table");
export const heads = [...table.tHead.rows[0].cells];
export const rows = [...table.tBodies[0].rows];
export const writes = "cellsUrl" in box.dataset;

export const firstX = 1;
export const lastX = heads.findLastIndex((head) => head.dataset.lesson);
export const lastY = rows.length - 1;

// A cell: what the server holds (`seen`), what was sent or waits (`kept`), what is typed (`value`), how they stand; the
// comment as it is to be, and as the server holds it (`noted`).
const cells = new Map();

export function cellAt(x, y) {
  const td = rows[y]?.cells[x];
  if (!td || !heads[x]?.dataset.lesson) return null;
  let cell = cells.get(td);
  if (!cell) {
    const value = td.classList.contains("j-none") ? "" : td.textContent;
    cell = { td, x, y, open: td.classList.contains("w"), seen: value, kept: value, value, state: "", reason: "", visit: 0 };
    cell.comment = cell.noted = "comment" in td.dataset ? td.title : "";
    cell.lesson = Number(heads[x].dataset.lesson);
    cell.enrolment = Number(rows[y].dataset.enrolment);
    if (cell.open) {
      cell.text = document.createElement("span");
      cell.text.className = "cell-text";
      cell.text.textContent = value;
      td.replaceChildren(cell.text);
    }
    cells.set(td, cell);
  }
  return cell;
}

export function cellOf(lesson, enrolment) {
  const x = heads.findIndex((head) => head.dataset.lesson === String(lesson));
  const y = rows.findIndex((row) => row.dataset.enrolment === String(enrolment));
  return x > 0 && y >= 0 ? cellAt(x, y) : null;
}

// The cell in which an event took place.
export function cellUnder(event) {
  const td = event.target.closest("tbody td");
  return td && cellAt(td.cellIndex, td.parentElement.sectionRowIndex);
}

export const isOpen = (x, y) => rows[y]?.cells[x]?.classList.contains("w");
export const headWords = (x) => heads[x].querySelector(".visually-hidden").textContent;
const name = (cell) => rows[cell.y].cells[0].firstChild.textContent;
export const words = (cell) => `${name(cell)}, ${headWords(cell.x)}`;
export const shortWords = (cell) => `${name(cell)}, ${heads[cell.x].querySelector("b").textContent}`;
