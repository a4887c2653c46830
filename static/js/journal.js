// The journal's grid: cells are typed by keyboard and saved in the background as one leaves them. The server alone
// judges what may stand in a cell; what it has not taken stays in the cell, marked, and is sent again.

const box = document.querySelector("[data-save-url]");
const table = box.querySelector("[data-journal]");
const status = document.querySelector("[data-state]");
const token = document.querySelector(".journal-token input").value;

const SAVE_AFTER = 900; // ms of rest after a key, when one stays in the cell
const RETRY_AFTER = 5000;
const PATIENCE = 15000;

// Letters by the place of the key, for a keyboard left in Latin.
const BY_PLACE = { KeyY: "н", Comma: "б", KeyE: "у", KeyG: "п", KeyJ: "о" };
const LATIN = /^[a-z,<]$/i;

// --- cells ----------------------------------------------------------------------------------------------------------

// A cell that may be written in: what the server holds (`seen`), what is typed (`value`), and how they stand.
const cells = new Map();
const rows = [...table.tBodies[0].rows];
const lessons = [...table.tHead.rows[0].cells].map((head) => head.dataset.lesson);

for (const [y, row] of rows.entries()) {
  for (const [x, td] of [...row.cells].entries()) {
    if (!td.classList.contains("w")) continue;
    const text = document.createElement("span");
    text.className = "cell-text";
    text.textContent = td.textContent;
    td.replaceChildren(text);
    cells.set(td, { td, text, x, y, seen: text.textContent, value: text.textContent, state: "", again: false });
  }
}

const first = cells.values().next().value;
const input = document.createElement("input");
input.className = "cell-input";
input.maxLength = 8;
input.autocomplete = "off";
input.spellcheck = false;
input.setAttribute("autocapitalize", "off");
let active = null;
let timer = 0;

if (first) {
  place(first);
  box.removeAttribute("tabindex");
}

function place(cell) {
  active = cell;
  cell.td.append(input);
  input.value = cell.value;
  input.setAttribute("aria-label", `${words(cell)}${cell.state ? `, ${STATES[cell.state]}` : ""}`);
}

function words(cell) {
  const pupil = rows[cell.y].cells[0].firstChild.textContent;
  const head = table.tHead.rows[0].cells[cell.x].querySelector(".visually-hidden").textContent;
  return `${pupil}, ${head}`;
}

function go(cell) {
  if (!cell) return;
  leave();
  place(cell);
  input.focus({ preventScroll: true });
  input.select();
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

// The nearest cell in a direction that may be written in; closed ones are stepped over.
function near(cell, dx, dy) {
  let { x, y } = cell;
  for (;;) {
    x += dx;
    y += dy;
    const td = rows[y]?.cells[x];
    if (!td) return null;
    if (cells.has(td)) return cells.get(td);
  }
}

// The next one in reading order, for Tab.
function along(cell, step) {
  const all = [...cells.values()];
  return all[all.indexOf(cell) + step];
}

// The next one down, then the top of the next column, for Enter: a column is typed in one go.
function below(cell, step) {
  const found = near(cell, 0, step);
  if (found) return found;
  const column = [...cells.values()].filter((one) => one.x === cell.x + step);
  return step > 0 ? column[0] : column.at(-1);
}

table.addEventListener("mousedown", (event) => {
  const cell = cells.get(event.target.closest("td"));
  if (!cell || cell === active && document.activeElement === input) return;
  event.preventDefault();
  go(cell);
});

input.addEventListener("focus", () => input.select());
input.addEventListener("blur", leave);
input.addEventListener("input", () => {
  active.value = input.value;
  clearTimeout(timer);
  timer = setTimeout(() => commit(active), SAVE_AFTER);
});

input.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const moves = {
    ArrowLeft: () => near(active, -1, 0),
    ArrowRight: () => near(active, 1, 0),
    ArrowUp: () => near(active, 0, -1),
    ArrowDown: () => near(active, 0, 1),
    Enter: () => below(active, event.shiftKey ? -1 : 1),
    Tab: () => along(active, event.shiftKey ? -1 : 1),
  };
  if (moves[event.key]) {
    const cell = moves[event.key]();
    if (event.key === "Tab" && !cell) return; // out of the grid, as everywhere
    event.preventDefault();
    if (cell) go(cell);
    else leave();
  } else if (event.key === "Delete") {
    event.preventDefault();
    input.value = active.value = "";
    commit(active);
  } else if (event.key === "Escape") {
    event.preventDefault();
    if (active.state === "failed" || active.value !== active.seen) revert(active);
  } else if (BY_PLACE[event.code] && LATIN.test(event.key)) {
    event.preventDefault();
    input.setRangeText(BY_PLACE[event.code], input.selectionStart, input.selectionEnd, "end");
    input.dispatchEvent(new Event("input"));
  }
});

function leave() {
  clearTimeout(timer);
  if (active) commit(active);
}

function revert(cell) {
  cell.value = cell.seen;
  show(cell, "");
  if (cell === active) {
    input.value = cell.seen;
    input.select();
  }
  report();
}

// --- saving ---------------------------------------------------------------------------------------------------------

const STATES = { saving: "сохраняется", saved: "сохранено", failed: "не сохранено" };

function show(cell, state, reason = "") {
  cell.state = state;
  cell.reason = reason;
  cell.td.classList.remove("saving", "saved", "failed");
  if (state) cell.td.classList.add(state);
  cell.td.title = reason;
  cell.text.textContent = cell.value;
  if (state === "failed") {
    const note = document.createElement("span");
    note.className = "visually-hidden";
    note.textContent = " не сохранено";
    cell.text.append(note);
  }
}

function commit(cell) {
  if (cell.asked) return;
  if (cell.state === "saving") {
    cell.again = true;
    return;
  }
  if (cell.value.trim() === cell.seen) {
    if (cell.state === "failed") revert(cell);
    return;
  }
  if (cell.state === "failed" && cell.refused === cell.value) return; // refused in words: it waits for the person
  save(cell);
}

async function save(cell, seen = cell.seen) {
  const sent = cell.value;
  cell.again = false;
  cell.refused = undefined;
  show(cell, "saving");
  report();
  const body = new URLSearchParams({
    lesson: lessons[cell.x],
    enrolment: rows[cell.y].dataset.enrolment,
    value: sent,
    seen,
  });
  let response, answer;
  try {
    response = await fetch(box.dataset.saveUrl, {
      method: "POST",
      headers: { "X-CSRFToken": token, Accept: "application/json" },
      body,
      signal: AbortSignal.timeout(PATIENCE),
    });
    const json = response.headers.get("Content-Type")?.startsWith("application/json");
    answer = json ? await response.json() : {};
    if (response.redirected) answer = { error: "Вы вышли из портала. Войдите снова в другой вкладке: введённое отправится." };
  } catch {
    later(cell, "Нет связи с порталом. Введённое осталось в ячейках и отправится само, когда связь появится.");
    return;
  }
  if (response.ok && !response.redirected && "value" in answer) {
    taken(cell, sent, answer);
  } else if (response.status === 409) {
    conflict(cell, sent, answer);
  } else if (response.redirected || response.status >= 500 || response.status === 429) {
    later(cell, answer.error || "Портал не смог сохранить запись. Она отправится ещё раз.");
  } else {
    cell.refused = sent;
    show(cell, "failed", answer.error || REFUSED[response.status] || "Запись не принята. Обновите страницу.");
    report();
  }
}

const REFUSED = { 403: "Заполнять этот журнал вам нельзя.", 404: "Занятие или обучающийся не найдены. Обновите страницу." };

function taken(cell, sent, answer) {
  cell.seen = answer.value;
  const row = rows[cell.y];
  row.querySelector("[data-mean]").textContent = answer.mean;
  row.querySelector("[data-absences]").textContent = answer.absences;
  if (cell.value === sent) {
    cell.value = answer.value;
    if (cell === active && document.activeElement !== input) input.value = cell.value;
  }
  show(cell, cell.value === cell.seen ? "saved" : "");
  if (cell.again || cell !== active) commit(cell);
  report();
}

// The network is gone, or the portal is: what was typed stays, marked, and goes again.
function later(cell, reason) {
  show(cell, "failed", reason);
  report();
}

function resend() {
  for (const cell of cells.values()) {
    if (cell.state === "failed" && cell.refused === undefined && !cell.asked) commit(cell);
  }
}
setInterval(resend, RETRY_AFTER);
addEventListener("online", resend);

// Two teachers on one cell: the person sees both values and chooses.
async function conflict(cell, sent, answer) {
  if (!("current" in answer)) {
    cell.refused = sent;
    show(cell, "failed", answer.error || "Данные изменились. Обновите страницу.");
    report();
    return;
  }
  cell.asked = true;
  show(cell, "failed", answer.error);
  report();
  const mine = await ask(cell, sent, answer.current);
  cell.asked = false;
  cell.seen = answer.current;
  if (mine) {
    save(cell);
  } else {
    revert(cell);
    show(cell, "saved");
  }
  go(cell);
}

function ask(cell, mine, theirs) {
  const dialog = document.createElement("dialog");
  dialog.className = "journal-conflict";
  dialog.setAttribute("aria-labelledby", "conflict");
  const text = document.createElement("p");
  text.id = "conflict";
  text.textContent = `${words(cell)}. Пока вы вводили, запись изменили.\nСейчас там: ${theirs || "пусто"}. Вы ввели: ${mine || "пусто"}.`;
  const form = document.createElement("form");
  form.method = "dialog";
  form.className = "dialog-buttons";
  for (const [value, label, look] of [
    ["", `Оставить: ${theirs || "пусто"}`, "btn-outline-primary"],
    ["mine", `Записать: ${mine || "пусто"}`, "btn-primary"],
  ]) {
    const button = document.createElement("button");
    button.value = value;
    button.className = `btn ${look}`;
    button.textContent = label;
    form.append(button);
  }
  dialog.append(text, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "mine");
    });
  });
}

// --- what the person is told ----------------------------------------------------------------------------------------

function report() {
  const all = [...cells.values()];
  const failed = all.filter((cell) => cell.state === "failed");
  const saving = all.some((cell) => cell.state === "saving");
  if (failed.length) {
    status.dataset.tone = "bad";
    status.textContent = `Не сохранено ячеек: ${failed.length}. ${failed.at(-1).reason}`;
  } else {
    status.dataset.tone = saving ? "" : "good";
    status.textContent = saving ? "Сохраняется…" : "Все изменения сохранены.";
  }
  if (active) input.setAttribute("aria-label", `${words(active)}${active.state ? `, ${STATES[active.state]}` : ""}`);
}

addEventListener("beforeunload", (event) => {
  leave();
  if ([...cells.values()].some((cell) => cell.state === "saving" || cell.value.trim() !== cell.seen)) event.preventDefault();
});
