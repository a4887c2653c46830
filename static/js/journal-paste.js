// Pasting from a spreadsheet: what was taken and what was not, cell by cell.

import { cursor, input } from "./journal-cursor.js";
import { send } from "./journal-save.js";
import { remember } from "./journal-steps.js";
import { cellAt, words } from "./journal-table.js";

const MOST_PASTED = 4000; // a whole grid fits, a whole spreadsheet does not

input.addEventListener("paste", (event) => {
  const lines = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n+$/, "").split("\n");
  const block = lines.map((line) => line.split("\t"));
  const count = block.reduce((sum, line) => sum + line.length, 0);
  if (count < 2) return; // one value: the cell takes it as typed
  event.preventDefault();
  if (count > MOST_PASTED) {
    pasted([`В буфере ячеек: ${count}, а за один раз вставляется не больше ${MOST_PASTED}. Ничего не вставлено.`]);
    return;
  }
  const { cell: start } = cursor;
  const changed = [];
  const refused = [];
  let same = 0;
  for (const [down, line] of block.entries())
    for (const [right, text] of line.entries()) {
      const value = text.trim();
      if (!value) continue; // an empty cell of a spreadsheet wipes nothing
      const cell = cellAt(start.x + right, start.y + down);
      if (!cell) refused.push(`«${value}»: за краем журнала`);
      else if (!cell.open) refused.push(`${words(cell)}: «${value}» – ячейка закрыта`);
      else if (value === cell.kept) same++;
      else changed.push([cell, value]);
    }
  const took = changed.map(([cell]) => cell);
  if (took.length) {
    remember(took);
    for (const [cell, value] of changed) cell.value = value;
    input.value = start.value;
    send(took);
  }
  pasted([`Вставлено ячеек: ${took.length + same}. Чтобы отменить вставку, нажмите Ctrl+Z.`, ...refused]);
});

// What became of a paste; what the portal refuses later stands below, cell by cell.
function pasted([first, ...refused]) {
  const place = document.querySelector("[data-pasted]");
  const lines = [Object.assign(document.createElement("p"), { textContent: first })];
  if (refused.length) {
    const list = document.createElement("ul");
    for (const text of refused) list.append(Object.assign(document.createElement("li"), { textContent: text }));
    lines.push(Object.assign(document.createElement("p"), { textContent: `Не вставлено: ${refused.length}` }), list);
  }
  place.replaceChildren(...lines);
  place.hidden = false;
}
