// The journal's grid: moved through and filled by keyboard, saved in the background as one leaves a cell. The server
// alone judges what may stand in a cell; what it has not taken stays in the cell, marked, and in the browser.

import { Queue, PRESENT, ask } from "./journal-queue.js";

const box = document.querySelector("[data-journal-box]");
const table = box.querySelector("table");
const heads = [...table.tHead.rows[0].cells];
const rows = [...table.tBodies[0].rows];
const writes = "cellsUrl" in box.dataset;

const SAVE_AFTER = 2000; // ms of rest after a key, when one stays in the cell
const MOST_PASTED = 4000; // a whole grid fits, a whole spreadsheet does not
const MOST_STEPS = 100;

// Letters by the place of the key, for a keyboard left in Latin.
const PLACES = {
  KeyQ: "й", KeyW: "ц", KeyE: "у", KeyR: "к", KeyT: "е", KeyY: "н", KeyU: "г", KeyI: "ш", KeyO: "щ", KeyP: "з",
  KeyA: "ф", KeyS: "ы", KeyD: "в", KeyF: "а", KeyG: "п", KeyH: "р", KeyJ: "о", KeyK: "л", KeyL: "д",
  KeyZ: "я", KeyX: "ч", KeyC: "с", KeyV: "м", KeyB: "и", KeyN: "т", KeyM: "ь", Comma: "б", BracketLeft: "х",
};
const LATIN = /^[a-z,<[{]$/i;

// --- cells ----------------------------------------------------------------------------------------------------------

// A cell: what the server holds (`seen`), what was sent or waits (`kept`), what is typed (`value`), how they stand.
const cells = new Map();

function cellAt(x, y) {
  const td = rows[y]?.cells[x];
  if (!td || !heads[x]?.dataset.lesson) return null;
  let cell = cells.get(td);
  if (!cell) {
    const value = td.classList.contains("j-none") ? "" : td.textContent;
    cell = { td, x, y, open: td.classList.contains("w"), seen: value, kept: value, value, state: "", reason: "", visit: 0 };
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

function cellOf(lesson, enrolment) {
  const x = heads.findIndex((head) => head.dataset.lesson === String(lesson));
  const y = rows.findIndex((row) => row.dataset.enrolment === String(enrolment));
  return x > 0 && y >= 0 ? cellAt(x, y) : null;
}

const isOpen = (x, y) => rows[y]?.cells[x]?.classList.contains("w");
const headWords = (x) => heads[x].querySelector(".visually-hidden").textContent;
const pupil = (y) => rows[y].cells[0].firstChild.textContent;
const words = (cell) => `${pupil(cell.y)}, ${headWords(cell.x)}`;

// --- moving ---------------------------------------------------------------------------------------------------------

const firstX = 1;
const lastX = heads.findLastIndex((head) => head.dataset.lesson);
const lastY = rows.length - 1;
const input = document.createElement("input");
input.className = "cell-input";
input.maxLength = 24;
input.autocomplete = "off";
input.spellcheck = false;
input.setAttribute("autocapitalize", "off");
let active = null;
let visits = 0;
let timer = 0;

// One place of the grid is reached by Tab; the rest by arrows.
for (const link of table.tHead.querySelectorAll("a")) link.tabIndex = -1;
place(startCell());
reveal(active.td);

// The first empty cell of the newest column that may be written in, else the first cell.
function startCell() {
  for (let x = lastX; x >= firstX; x--) {
    const open = rows.findIndex((row, y) => isOpen(x, y) && !rows[y].cells[x].textContent);
    if (open >= 0) return cellAt(x, open);
  }
  return cellAt(firstX, 0);
}

function place(cell) {
  if (active && !active.open) active.td.removeAttribute("tabindex");
  active = cell;
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

function label() {
  const state = active.state ? `, ${STATES[active.state]}` : "";
  if (active.open) input.setAttribute("aria-label", words(active) + state);
  else active.td.setAttribute("aria-label", `${words(active)}: ${active.td.textContent || "пусто"}, закрыто`);
  const lesson = document.querySelector("[data-present-day]");
  if (lesson) lesson.textContent = heads[active.x].querySelector("b").textContent;
}

function go(cell) {
  if (!cell) return;
  leave();
  place(cell);
  const target = cell.open ? input : cell.td;
  target.focus({ preventScroll: true });
  if (cell.open) input.select();
  reveal(cell.td);
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

table.addEventListener("mousedown", (event) => {
  const td = event.target.closest("tbody td");
  const cell = td && cellAt(td.cellIndex, td.parentElement.sectionRowIndex);
  if (!cell || event.target === input) return;
  event.preventDefault();
  go(cell);
});
table.addEventListener("contextmenu", (event) => {
  const td = event.target.closest("tbody td");
  const cell = td && cellAt(td.cellIndex, td.parentElement.sectionRowIndex);
  if (!cell) return;
  event.preventDefault();
  go(cell);
  tell();
});

const MOVES = {
  ArrowLeft: () => cellAt(active.x - 1, active.y),
  ArrowRight: () => cellAt(active.x + 1, active.y),
  ArrowUp: () => cellAt(active.x, active.y - 1),
  ArrowDown: () => cellAt(active.x, active.y + 1),
  Enter: (event) => below(active, event.shiftKey ? -1 : 1),
  Tab: (event) => along(active, event.shiftKey ? -1 : 1),
  Home: () => edge(active, -1),
  End: () => edge(active, 1),
};

table.addEventListener("keydown", (event) => {
  if (event.target.closest("thead")) return inHead(event);
  if (event.isComposing || event.altKey) return;
  if (event.ctrlKey || event.metaKey) {
    if (event.code === "KeyZ" && writes && !event.shiftKey) undo(event);
    return;
  }
  if (MOVES[event.key]) {
    const cell = MOVES[event.key](event);
    if (event.key === "Tab" && !cell) return; // out of the grid, as everywhere
    event.preventDefault();
    if (cell) go(cell);
    else if (event.key === "ArrowUp") heads[active.x].querySelector("a").focus();
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
    if (panel && !panel.hidden) closePanel();
    else if (active.open) revert(active);
  } else if (active.open && event.key === "Delete") {
    event.preventDefault();
    input.value = active.value = "";
    commit(active);
  } else if (active.open && PLACES[event.code] && LATIN.test(event.key)) {
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

input.addEventListener("focus", () => input.select());
input.addEventListener("blur", () => leave());
input.addEventListener("input", () => {
  active.value = input.value;
  clearTimeout(timer);
  timer = setTimeout(() => commit(active), SAVE_AFTER);
});

function leave() {
  clearTimeout(timer);
  if (active?.open) commit(active);
}

// --- saving ---------------------------------------------------------------------------------------------------------

const STATES = { saving: "сохраняется", waiting: "ждёт отправки", saved: "сохранено", failed: "не принято" };
const status = document.querySelector("[data-state]");
const queue = writes && new Queue(box, { answer, change: report });

function show(cell, state, reason = "") {
  cell.state = state;
  cell.reason = reason;
  cell.td.classList.remove("saving", "waiting", "saved", "failed");
  if (state) cell.td.classList.add(state);
  if (reason) cell.td.title = reason;
  else cell.td.removeAttribute("title");
  cell.text.textContent = cell.value;
  if (state === "failed" || state === "waiting") {
    const note = document.createElement("span");
    note.className = "visually-hidden";
    note.textContent = ` ${STATES[state]}`;
    cell.text.append(note);
  }
  if (cell === active && document.activeElement !== input) input.value = cell.value;
}

// What is typed in a cell goes to the portal, and can be taken back.
function commit(cell) {
  if (cell.value.trim() === cell.kept) return;
  remember([cell]);
  send([cell]);
}

function send(changed) {
  for (const cell of changed) {
    cell.value = cell.value.trim();
    cell.kept = cell.value;
    queue.put(cell.lesson, cell.enrolment, cell.value, cell.seen);
    show(cell, "saving");
  }
  queue.flush();
  report();
}

// What the portal said about an entry; it may belong to another month of the same journal.
async function answer(entry, said) {
  if (entry.enrolment === PRESENT) {
    if (said.status === "saved") confirmed(entry.lesson);
    else refusedRoll(entry);
    return;
  }
  const cell = cellOf(entry.lesson, entry.enrolment);
  if (said.status === "saved") {
    if (cell) taken(cell, entry, said);
  } else if (said.status === "conflict") {
    await conflict(entry, said, cell);
  } else if (said.status === "reason") {
    await reason(entry, said);
  } else if (cell?.open) {
    show(cell, "failed", said.error);
  }
  report();
}

function taken(cell, entry, said) {
  cell.seen = said.value;
  if (cell.kept === entry.value) {
    if (cell.value === cell.kept) cell.value = said.value;
    cell.kept = said.value;
  }
  if (cell.open) show(cell, "saved");
  const row = rows[cell.y];
  if (said.mean !== undefined) {
    row.querySelector("[data-mean]").textContent = said.mean;
    row.querySelector("[data-absences]").textContent = said.absences;
  }
}

// Two teachers on one cell: the person sees both values and chooses.
async function conflict(entry, said, cell) {
  const [theirs, mine] = [said.current || "пусто", entry.value || "пусто"];
  if (cell?.open) show(cell, "failed", said.error);
  const where = cell ? words(cell) : "Запись другого месяца";
  const text = `${where}. Пока вы вводили, запись изменили.\nСейчас там: ${theirs}. Вы ввели: ${mine}.`;
  if (await ask(text, [`Оставить: ${theirs}`, `Записать: ${mine}`])) {
    queue.renew(entry, { seen: said.current });
    queue.flush();
  } else {
    queue.drop(entry);
    if (cell) settle(cell, said.current);
  }
  if (cell?.open) go(cell);
}

function settle(cell, value) {
  cell.seen = cell.kept = cell.value = value;
  if (cell.open) show(cell, "saved");
}

// After the free days the portal wants to know why. One reason serves all entries that wait for one.
let reasons = [];
let asking = null;
async function reason(entry, said) {
  reasons.push([entry, said]);
  asking ||= Promise.resolve().then(async () => {
    const count = reasons.length;
    const cell = cellOf(entry.lesson, entry.enrolment);
    const text = count > 1 ? `${said.error} Таких записей: ${count}.` : `${cell ? `${words(cell)}. ` : ""}${said.error}`;
    const why = await ask(text, ["Вернуть как было", "Записать с этой причиной"], { field: "Причина исправления" });
    asking = null;
    for (const [one, told] of reasons.splice(0)) {
      const place = cellOf(one.lesson, one.enrolment);
      if (why) {
        queue.renew(one, { reason: why });
        if (place?.open) show(place, "saving");
      } else {
        queue.drop(one);
        if (place) settle(place, told.current);
      }
    }
    queue.flush();
    report();
  });
  await asking;
  if (active.open) input.focus();
}

// Escape: what stood in the cell before it was typed into; a refused value goes away.
function revert(cell) {
  const entry = queue.get(cell.lesson, cell.enrolment);
  if (entry?.refused) {
    queue.drop(entry);
    cell.kept = cell.seen;
  }
  cell.value = cell.kept;
  show(cell, queue.get(cell.lesson, cell.enrolment) ? cell.state : "");
  input.value = cell.value;
  input.select();
  report();
}

// --- taking back ----------------------------------------------------------------------------------------------------

const steps = [];

function remember(changed) {
  const before = steps.at(-1);
  const [cell] = changed;
  // what is typed on in the same cell without leaving it is one step
  if (changed.length === 1 && before?.length === 1 && before[0].cell === cell && before[0].visit === cell.visit) return;
  steps.push(changed.map((one) => ({ cell: one, before: one.kept, visit: one.visit })));
  if (steps.length > MOST_STEPS) steps.shift();
}

function undo(event) {
  event.preventDefault();
  if (active.open && active.value.trim() !== active.kept) return revert(active);
  const step = steps.pop();
  if (!step) return say("Отменять больше нечего.");
  clearTimeout(timer);
  for (const { cell, before } of step) cell.value = before;
  send(step.map(({ cell }) => cell));
  go(step[0].cell);
  say(step.length > 1 ? `Отменено, ячеек: ${step.length}.` : `Отменено: ${words(step[0].cell)}.`);
}

// --- pasting from a spreadsheet -------------------------------------------------------------------------------------

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
  const changed = [];
  const refused = [];
  let same = 0;
  for (const [down, line] of block.entries())
    for (const [right, text] of line.entries()) {
      const value = text.trim();
      if (!value) continue; // an empty cell of a spreadsheet wipes nothing
      const cell = cellAt(active.x + right, active.y + down);
      if (!cell) refused.push(`«${value}»: за краем журнала`);
      else if (!cell.open) refused.push(`${words(cell)}: «${value}» – ячейка закрыта`);
      else if (value === cell.kept) same++;
      else changed.push([cell, value]);
    }
  const took = changed.map(([cell]) => cell);
  if (took.length) {
    remember(took);
    for (const [cell, value] of changed) cell.value = value;
    input.value = active.value;
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

// --- the roll call --------------------------------------------------------------------------------------------------

const button = document.querySelector("[data-present]");
button?.addEventListener("click", () => present());

// Whoever has no letter was present.
function present() {
  const head = heads[active.x];
  if (!rows.some((row, y) => isOpen(active.x, y))) return say(`${headWords(active.x)}: отметить посещаемость нельзя.`);
  if (head.querySelector(".j-done")) return say(`${headWords(active.x)}.`);
  leave();
  queue.put(Number(head.dataset.lesson), PRESENT, "present", "");
  queue.flush();
  report();
}

function confirmed(lesson) {
  const head = heads.find((one) => one.dataset.lesson === String(lesson));
  if (!head || head.querySelector(".j-done")) return;
  head.querySelector("[aria-hidden]").insertAdjacentHTML("beforeend", '<span class="j-done">✓</span>');
  head.querySelector(".visually-hidden").textContent += "; посещаемость отмечена";
  say(`${head.querySelector("b").textContent}: посещаемость отмечена, все без отметки о пропуске присутствовали.`);
}

function refusedRoll(entry) {
  const { refused } = queue.get(entry.lesson, PRESENT) || {};
  if (refused) queue.drop(entry);
  say(refused || "Посещаемость не отмечена.");
}

// --- history and comments of a cell ---------------------------------------------------------------------------------

const panel = document.querySelector("[data-panel]");
panel?.querySelector("[data-panel-close]").addEventListener("click", closePanel);
panel?.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closePanel();
});

async function tell() {
  const cell = active;
  const body = panel.querySelector("[data-panel-body]");
  panel.hidden = false;
  body.textContent = "Загружается…";
  const url = box.dataset.historyUrl.replace("/0/", `/${cell.lesson}/`).replace("/0/", `/${cell.enrolment}/`);
  try {
    const response = await fetch(url, { headers: { "HX-Request": "true" } });
    if (!response.ok || response.redirected) throw new Error(response.status);
    body.innerHTML = await response.text();
  } catch {
    body.textContent = "Историю сейчас показать не удалось. Проверьте связь и откройте её ещё раз.";
  }
  panel.querySelector("[data-panel-close]").focus();
}

function closePanel() {
  panel.hidden = true;
  go(active);
}

// --- what the person is told ----------------------------------------------------------------------------------------

const keys = document.querySelector("[data-keys]");

function legend() {
  if (keys) keys.open = !keys.open;
}

function say(text) {
  status.dataset.tone = "";
  status.textContent = text;
}

function report() {
  if (!queue) return;
  for (const entry of queue.waiting()) {
    const cell = entry.enrolment !== PRESENT && cellOf(entry.lesson, entry.enrolment);
    if (cell?.open) {
      const state = queue.trouble ? "waiting" : "saving";
      if (cell.state !== state) show(cell, state, queue.trouble);
    }
  }
  const [tone, text] = queue.words();
  if (status.textContent !== text) {
    status.dataset.tone = tone;
    status.textContent = text;
  }
  strangers();
  label();
}

// Refused entries whose cell may not be written in any more, or is of another month: nothing typed is lost silently.
function strangers() {
  const place = document.querySelector("[data-strangers]");
  const found = queue.refused().filter((entry) => !cellOf(entry.lesson, entry.enrolment)?.open);
  place.hidden = !found.length;
  const list = place.querySelector("ul");
  list.replaceChildren(
    ...found.map((entry) => {
      const cell = cellOf(entry.lesson, entry.enrolment);
      const item = document.createElement("li");
      const where = cell ? words(cell) : "запись другого месяца";
      item.textContent = `${where}: «${entry.value || "пусто"}». ${entry.refused} `;
      const away = Object.assign(document.createElement("button"), { type: "button", textContent: "Убрать" });
      away.className = "btn btn-outline-secondary btn-sm";
      away.addEventListener("click", () => {
        queue.drop(entry);
        report();
      });
      item.append(away);
      return item;
    }),
  );
}

// --- what waited in the browser when the page was opened ------------------------------------------------------------

if (queue && queue.entries.size) {
  for (const entry of queue.entries.values()) {
    const cell = entry.enrolment !== PRESENT && cellOf(entry.lesson, entry.enrolment);
    if (!cell?.open) continue;
    cell.value = cell.kept = entry.value;
    if (entry.refused) show(cell, "failed", entry.refused);
  }
  queue.flush();
  report();
}

addEventListener("beforeunload", (event) => {
  leave();
  if (queue && !queue.kept && queue.entries.size) event.preventDefault();
});
