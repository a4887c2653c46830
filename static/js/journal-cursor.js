// Where one stands in the journal: one field goes from cell to cell, the rest of the table is plain text.

import { box, cellAt, firstX, heads, isOpen, lastX, lastY, rows, table, words } from "./journal-table.js";

export const STATES = { saving: "сохраняется", waiting: "ждёт отправки", saved: "сохранено", failed: "не принято" };

export const input = document.createElement("input");
input.className = "cell-input";
input.maxLength = 24;
input.autocomplete = "off";
input.spellcheck = false;
input.setAttribute("autocapitalize", "off");
input.addEventListener("focus", () => input.select());
input.addEventListener("blur", () => leave());

// `cell` is the one in which one stands; `left` is told of an open one that is left.
export const cursor = { cell: null, left() {} };
let visits = 0;

// One place of the grid is reached by Tab; the rest by arrows.
export function begin() {
  for (const link of table.tHead.querySelectorAll("a")) link.tabIndex = -1;
  place(startCell());
  reveal(cursor.cell.td);
}

// The first empty cell of the newest column that may be written in, else the first cell.
function startCell() {
  for (let x = lastX; x >= firstX; x--) {
    const open = rows.findIndex((row, y) => isOpen(x, y) && !rows[y].cells[x].textContent);
    if (open >= 0) return cellAt(x, open);
  }
  return cellAt(firstX, 0);
}

function place(cell) {
  const before = cursor.cell;
  if (before && !before.open) before.td.removeAttribute("tabindex");
  cursor.cell = cell;
  cell.visit = ++visits;
  if (cell.open) {
    cell.td.append(input);
    input.value = cell.value;
  } else {
    input.remove();
    cell.td.tabIndex = 0;
  }
  label();
}

// What a screen reader says of the cell in which one stands.
export function label() {
  const { cell } = cursor;
  const said = cell.comment ? `, комментарий: ${cell.comment}` : "";
  const state = (cell.state ? `, ${STATES[cell.state]}` : "") + said;
  if (cell.open) input.setAttribute("aria-label", words(cell) + state);
  else cell.td.setAttribute("aria-label", `${words(cell)}: ${cell.td.textContent || "пусто"}${said}, закрыто`);
  const day = document.querySelector("[data-present-day]");
  if (day) day.textContent = heads[cell.x].querySelector("b").textContent;
}

export function go(cell) {
  if (!cell) return;
  leave();
  place(cell);
  const target = cell.open ? input : cell.td;
  target.focus({ preventScroll: true });
  if (cell.open) input.select();
  reveal(cell.td);
}

export function leave() {
  if (cursor.cell?.open) cursor.left(cursor.cell);
}

function reveal(td) {
  const left = rows[0].cells[0].offsetWidth;
  const top = table.tHead.offsetHeight;
  if (td.offsetLeft < box.scrollLeft + left) box.scrollLeft = td.offsetLeft - left;
  else if (td.offsetLeft + td.offsetWidth > box.scrollLeft + box.clientWidth)
    box.scrollLeft = td.offsetLeft + td.offsetWidth - box.clientWidth;
  if (td.offsetTop < box.scrollTop + top) box.scrollTop = td.offsetTop - top;
  else if (td.offsetTop + td.offsetHeight > box.scrollTop + box.clientHeight)
    box.scrollTop = td.offsetTop + td.offsetHeight - box.clientHeight;
}

// The next cell in reading order that may be written in, for Tab.
function along(cell, step) {
  let { x, y } = cell;
  for (;;) {
    x += step;
    if (x > lastX) [x, y] = [firstX, y + 1];
    else if (x < firstX) [x, y] = [lastX, y - 1];
    if (!rows[y]) return null;
    if (isOpen(x, y)) return cellAt(x, y);
  }
}

// The next one down that may be written in, then the top of the next column, for Enter: a column is typed in one go.
function below(cell, step) {
  let { x, y } = cell;
  for (;;) {
    y += step;
    if (!rows[y]) [x, y] = [x + step, step > 0 ? 0 : lastY];
    if (x > lastX || x < firstX) return null;
    if (isOpen(x, y)) return cellAt(x, y);
  }
}

// The outermost cell of the row, one that may be written in if there is one.
function edge(cell, step) {
  const [from, to] = step > 0 ? [firstX, lastX] : [lastX, firstX];
  for (let x = to; x !== from - step; x -= step) if (isOpen(x, cell.y)) return cellAt(x, cell.y);
  return cellAt(to, cell.y);
}

// Where a key leads from a cell.
export const MOVES = {
  ArrowLeft: (cell) => cellAt(cell.x - 1, cell.y),
  ArrowRight: (cell) => cellAt(cell.x + 1, cell.y),
  ArrowUp: (cell) => cellAt(cell.x, cell.y - 1),
  ArrowDown: (cell) => cellAt(cell.x, cell.y + 1),
  Enter: (cell, event) => below(cell, event.shiftKey ? -1 : 1),
  Tab: (cell, event) => along(cell, event.shiftKey ? -1 : 1),
  Home: (cell) => edge(cell, -1),
  End: (cell) => edge(cell, 1),
};
