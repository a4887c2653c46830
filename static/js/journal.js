// The journal's grid: moved through and filled by keyboard, saved in the background as one leaves a cell. The server
// alone judges what may stand in a cell; what it has not taken stays in the cell, marked, and in the browser.
//
// journal-table.js has the cells, -cursor where one stands, -save what is sent and answered, -steps what can be taken
// back, -paste, -panel the comment and the history of a cell, -queue what waits in the browser. Here are the keys and the mouse.

import { MOVES, begin, cursor, go, input, leave } from "./journal-cursor.js";
import { closePanel, commitComment, panelIsOpen, tell } from "./journal-panel.js";
import "./journal-paste.js";
import { PRESENT } from "./journal-queue.js";
import { commit, queue, report, restore, revert, say, send } from "./journal-save.js";
import { lastStep } from "./journal-steps.js";
import { cellAt, cellUnder, headWords, heads, isOpen, rows, table, words, writes } from "./journal-table.js";

const SAVE_AFTER = 2000; // ms of rest after a key, when one stays in the cell

// Letters by the place of the key, for a keyboard left in Latin.
const PLACES = {
  KeyQ: "й", KeyW: "ц", KeyE: "у", KeyR: "к", KeyT: "е", KeyY: "н", KeyU: "г", KeyI: "ш", KeyO: "щ", KeyP: "з",
  KeyA: "ф", KeyS: "ы", KeyD: "в", KeyF: "а", KeyG: "п", KeyH: "р", KeyJ: "о", KeyK: "л", KeyL: "д",
  KeyZ: "я", KeyX: "ч", KeyC: "с", KeyV: "м", KeyB: "и", KeyN: "т", KeyM: "ь", Comma: "б", BracketLeft: "х",
};
const LATIN = /^[a-z,<[{]$/i;

let timer = 0;
cursor.left = (cell) => {
  clearTimeout(timer);
  commit(cell);
};
begin();

// --- the mouse ------------------------------------------------------------------------------------------------------

table.addEventListener("mousedown", (event) => {
  const cell = cellUnder(event);
  if (!cell || event.target === input) return;
  event.preventDefault();
  go(cell);
});
table.addEventListener("contextmenu", (event) => {
  const cell = cellUnder(event);
  if (!cell) return;
  event.preventDefault();
  go(cell);
  tell();
});
document.querySelector("[data-present]")?.addEventListener("click", () => present());

// --- the keys -------------------------------------------------------------------------------------------------------

table.addEventListener("keydown", (event) => {
  if (event.target.closest("thead")) return inHead(event);
  if (event.isComposing || event.altKey) return;
  if (event.ctrlKey || event.metaKey) {
    if (event.code === "KeyZ" && writes && !event.shiftKey) undo(event);
    return;
  }
  const { cell } = cursor;
  if (MOVES[event.key]) {
    const next = MOVES[event.key](cell, event);
    if (event.key === "Tab" && !next) return; // out of the grid, as everywhere
    event.preventDefault();
    if (next) go(next);
    else if (event.key === "ArrowUp") heads[cell.x].querySelector("a").focus();
    else leave();
  } else if (event.key === ".") {
    event.preventDefault();
    leave();
    tell();
  } else if (event.key === "?") {
    event.preventDefault();
    legend();
  } else if (event.key === "+" && writes) {
    event.preventDefault();
    present();
  } else if (event.key === "Escape") {
    event.preventDefault();
    if (panelIsOpen()) closePanel();
    else if (cell.open) revert(cell);
  } else if (cell.open && event.key === "Delete") {
    event.preventDefault();
    input.value = cell.value = "";
    commit(cell);
  } else if (cell.open && PLACES[event.code] && LATIN.test(event.key)) {
    event.preventDefault();
    input.setRangeText(PLACES[event.code], input.selectionStart, input.selectionEnd, "end");
    input.dispatchEvent(new Event("input"));
  }
});

// The dates above the columns lead to the lessons.
function inHead(event) {
  const x = event.target.closest("th").cellIndex;
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step) heads[x + step]?.querySelector("a")?.focus();
  else if (event.key === "ArrowDown") go(cellAt(x, 0));
  else return;
  event.preventDefault();
}

input.addEventListener("input", () => {
  const { cell } = cursor;
  cell.value = input.value;
  clearTimeout(timer);
  timer = setTimeout(() => commit(cursor.cell), SAVE_AFTER);
});

function undo(event) {
  event.preventDefault();
  const { cell } = cursor;
  if (cell.open && cell.value.trim() !== cell.kept) return revert(cell);
  const step = lastStep();
  if (!step) return say("Отменять больше нечего.");
  clearTimeout(timer);
  for (const { cell: one, before } of step) one.value = before;
  send(step.map(({ cell: one }) => one));
  go(step[0].cell);
  say(step.length > 1 ? `Отменено, ячеек: ${step.length}.` : `Отменено: ${words(step[0].cell)}.`);
}

// The roll call: whoever has no letter was present.
function present() {
  const { x } = cursor.cell;
  const head = heads[x];
  if (!rows.some((row, y) => isOpen(x, y))) return say(`${headWords(x)}: отметить посещаемость нельзя.`);
  if (head.querySelector(".j-done")) return say(`${headWords(x)}.`);
  leave();
  queue.put(Number(head.dataset.lesson), PRESENT, "present", "");
  queue.flush();
  report();
}

function legend() {
  const keys = document.querySelector("[data-keys]");
  if (keys) keys.open = !keys.open;
}

// --- coming and going -----------------------------------------------------------------------------------------------

restore();

addEventListener("beforeunload", (event) => {
  leave();
  commitComment();
  if (queue && !queue.kept && queue.entries.size) event.preventDefault();
});
