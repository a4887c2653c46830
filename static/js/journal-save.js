// Saving: what is typed goes to the portal cell by cell, and what the portal answers stands in the cell.

import { STATES, cursor, go, input, label } from "./journal-cursor.js";
import { Queue, PRESENT, ask, quiet } from "./journal-queue.js";
import { remember } from "./journal-steps.js";
import { box, cellOf, heads, rows, words, writes } from "./journal-table.js";

const status = document.querySelector("[data-state]");
export const queue = writes && new Queue(box, { answer, change: report });

function show(cell, state, reason = "") {
  cell.state = state;
  cell.reason = reason;
  cell.td.classList.remove("saving", "waiting", "saved", "failed");
  if (state) cell.td.classList.add(state);
  title(cell);
  cell.text.textContent = cell.value;
  if (state === "failed" || state === "waiting") {
    const note = document.createElement("span");
    note.className = "visually-hidden";
    note.textContent = ` ${STATES[state]}`;
    cell.text.append(note);
  }
  if (cell === cursor.cell && document.activeElement !== input) input.value = cell.value;
}

// What the mouse shows of a cell: why it was refused, else its comment; which waits where there is an entry for it.
function title(cell) {
  const words = cell.reason || cell.comment;
  if (words) cell.td.title = words;
  else cell.td.removeAttribute("title");
  cell.td.toggleAttribute("data-comment", Boolean(cell.comment));
  cell.td.classList.toggle("unsent", Boolean(queue && queue.get(cell.lesson, cell.enrolment, true)));
}

// The comment of a cell goes the way of its value.
export function comment(cell, text) {
  if (text === cell.comment) return;
  cell.comment = text;
  queue.put(cell.lesson, cell.enrolment, text, cell.noted, true);
  title(cell);
  queue.flush();
  report();
}

function commented(cell, text) {
  cell.comment = cell.noted = text;
  title(cell);
}

// What is typed in a cell goes to the portal, and can be taken back.
export function commit(cell) {
  if (cell.value.trim() === cell.kept) return;
  remember([cell]);
  send([cell]);
}

export function send(changed) {
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
  if (entry.comment && said.status !== "conflict") {
    if (cell && said.status === "saved") commented(cell, said.value);
  } else if (said.status === "saved") {
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
  if (cell?.open && !entry.comment) show(cell, "failed", said.error);
  const where = (cell ? words(cell) : "Запись другого месяца") + (entry.comment ? ", комментарий" : "");
  const text = `${where}. Пока вы вводили, запись изменили.\nСейчас там: ${theirs}. Вы ввели: ${mine}.`;
  if (await ask(text, [`Оставить: ${theirs}`, `Записать: ${mine}`])) {
    queue.renew(entry, { seen: said.current });
    queue.flush();
  } else {
    queue.drop(entry);
    if (cell && entry.comment) commented(cell, said.current);
    else if (cell) settle(cell, said.current);
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
  asking ||= quiet().then(async () => {
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
  if (cursor.cell.open) input.focus();
}

// Escape: what stood in the cell before it was typed into; a refused value goes away.
export function revert(cell) {
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

// --- the roll call --------------------------------------------------------------------------------------------------

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

// --- what the person is told ----------------------------------------------------------------------------------------

export function say(text) {
  status.dataset.tone = "";
  status.textContent = text;
}

export function report() {
  if (!queue) return;
  for (const entry of queue.waiting()) {
    const cell = entry.enrolment !== PRESENT && !entry.comment && cellOf(entry.lesson, entry.enrolment);
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
  const found = queue.refused().filter((entry) => entry.comment || !cellOf(entry.lesson, entry.enrolment)?.open);
  place.hidden = !found.length;
  const list = place.querySelector("ul");
  list.replaceChildren(
    ...found.map((entry) => {
      const cell = cellOf(entry.lesson, entry.enrolment);
      const item = document.createElement("li");
      const where = (cell ? words(cell) : "запись другого месяца") + (entry.comment ? ", комментарий" : "");
      item.textContent = `${where}: «${entry.value || "пусто"}». ${entry.refused} `;
      const away = Object.assign(document.createElement("button"), { type: "button", textContent: "Убрать" });
      away.className = "btn btn-outline-secondary btn-sm";
      away.addEventListener("click", () => {
        queue.drop(entry);
        if (entry.comment && cell) commented(cell, cell.noted);
        report();
      });
      item.append(away);
      return item;
    }),
  );
}

// What waited in the browser when the page was opened.
export function restore() {
  if (!queue || !queue.entries.size) return;
  for (const entry of queue.entries.values()) {
    const cell = entry.enrolment !== PRESENT && cellOf(entry.lesson, entry.enrolment);
    if (!cell?.open) continue;
    if (entry.comment) {
      cell.comment = entry.value;
      title(cell);
      continue;
    }
    cell.value = cell.kept = entry.value;
    if (entry.refused) show(cell, "failed", entry.refused);
  }
  queue.flush();
  report();
}
