// One lesson on a phone: a tap a pupil. What is tapped goes through the same queue as the grid's cells.

import { Queue, PRESENT, ask } from "./journal-queue.js";

const box = document.querySelector("[data-roll]");
const status = document.querySelector("[data-state]");
const lesson = Number(box.dataset.lesson);
const all = box.querySelector("[data-present]");
const pupils = new Map();

for (const item of box.querySelectorAll("[data-enrolment]")) {
  const { value, comment } = item.dataset;
  const pupil = { item, enrolment: Number(item.dataset.enrolment), seen: value, value, comment, noted: comment };
  pupils.set(pupil.enrolment, pupil);
  item.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button && "say" in button.dataset) speak(pupil);
    else if (button) tapped(pupil, button.dataset);
  });
}

const queue = new Queue(box, { answer, change: report });

// «4/5 ОП10» is marks and a code with minutes; either may be missing.
function parts(value) {
  const [, marks, code, minutes] = value.match(/^([^А-Я]*?)\s*(?:([А-Я]+)(\d*))?$/) || [null, value, "", ""];
  return { marks, code: code || "", minutes: minutes || "" };
}

function tapped(pupil, { code, mark, minutes }) {
  const now = parts(pupil.value);
  if (mark !== undefined) now.marks = now.marks === mark ? "" : mark;
  if (code !== undefined) {
    now.code = now.code === code ? "" : code;
    now.minutes = "";
  }
  if (minutes !== undefined) now.minutes = now.minutes === minutes ? "" : minutes;
  pupil.value = `${now.marks} ${now.code}${now.code ? now.minutes : ""}`.trim();
  queue.put(lesson, pupil.enrolment, pupil.value, pupil.seen);
  draw(pupil, "saving");
  queue.flush();
  report();
}

// What is said of the pupil at this lesson goes the same way.
async function speak(pupil) {
  const text = `${name(pupil)}\nВидят семья и школа обучающегося. О здоровье не пишите.`;
  const field = { field: "Комментарий", value: pupil.comment, longest: Number(box.dataset.longestComment) };
  const words = await ask(text, ["Отмена", "Записать"], field);
  if (words === false || words === pupil.comment) return;
  pupil.comment = words;
  queue.put(lesson, pupil.enrolment, words, pupil.noted, true);
  drawComment(pupil);
  queue.flush();
  report();
}

function drawComment(pupil) {
  const waits = queue.get(lesson, pupil.enrolment, true) ? " (ждёт отправки)" : "";
  const button = pupil.item.querySelector("[data-say]");
  button.textContent = (pupil.comment ? `«${pupil.comment}»` : "Комментарий") + waits;
  button.setAttribute("aria-label", `${button.textContent}: ${name(pupil)}`);
}

const STATES = { saving: "сохраняется…", waiting: "ждёт отправки", saved: "✓ сохранено", failed: "не принято" };

function draw(pupil, state, reason = "") {
  const now = parts(pupil.value);
  const several = now.marks.includes("/");
  for (const button of pupil.item.querySelectorAll("button")) {
    const { code, mark, minutes } = button.dataset;
    const pressed = code !== undefined ? now.code === code : mark !== undefined ? now.marks === mark : now.minutes === minutes;
    button.setAttribute("aria-pressed", String(pressed));
    if (mark !== undefined) button.disabled = several;
  }
  pupil.item.querySelector("[data-minutes-of]").hidden = now.code !== "ОП";
  pupil.item.dataset.tone = state;
  const note = reason || STATES[state] || "";
  pupil.item.querySelector("[data-note]").textContent = several ? `Отметки ${now.marks} меняются в журнале. ${note}` : note;
}

async function answer(entry, said) {
  if (entry.lesson !== lesson) return;
  if (entry.enrolment === PRESENT) {
    if (said.status === "saved") confirmed();
    else {
      const refused = queue.get(lesson, PRESENT);
      if (refused) queue.drop(refused);
      tell("bad", said.error || "Посещаемость не отмечена.");
    }
    return;
  }
  const pupil = pupils.get(entry.enrolment);
  if (!pupil) return;
  if (entry.comment && said.status !== "conflict") {
    if (said.status === "saved") pupil.comment = pupil.noted = said.value;
    else {
      queue.drop(entry);
      pupil.comment = pupil.noted;
      draw(pupil, "failed", `«${entry.value}»: ${said.error}`);
    }
    drawComment(pupil);
  } else if (said.status === "saved") {
    pupil.seen = said.value;
    if (pupil.value === entry.value) pupil.value = said.value;
    draw(pupil, "saved");
  } else if (said.status === "conflict") {
    await conflict(pupil, entry, said);
  } else if (said.status === "reason") {
    const why = await ask(`${name(pupil)}. ${said.error}`, ["Вернуть как было", "Записать с этой причиной"], {
      field: "Причина исправления",
    });
    settle(pupil, entry, why ? { reason: why } : null, said.current);
  } else {
    draw(pupil, "failed", said.error);
  }
  report();
}

async function conflict(pupil, entry, said) {
  const [theirs, mine] = [said.current || "пусто", entry.value || "пусто"];
  if (!entry.comment) draw(pupil, "failed", said.error);
  const text = `${name(pupil)}. Пока вы вводили, запись изменили.\nСейчас там: ${theirs}. Вы ввели: ${mine}.`;
  const choice = await ask(text, [`Оставить: ${theirs}`, `Записать: ${mine}`]);
  settle(pupil, entry, choice ? { seen: said.current } : null, said.current);
}

function settle(pupil, entry, changes, current) {
  if (entry.comment) {
    if (changes) {
      queue.renew(entry, changes);
      queue.flush();
    } else {
      queue.drop(entry);
      pupil.comment = pupil.noted = current;
    }
    return drawComment(pupil);
  }
  if (changes) {
    queue.renew(entry, changes);
    draw(pupil, "saving");
    queue.flush();
  } else {
    queue.drop(entry);
    pupil.seen = pupil.value = current;
    draw(pupil, "saved");
  }
}

const name = (pupil) => pupil.item.querySelector("h2").firstChild.textContent.trim();

all?.addEventListener("click", () => {
  queue.put(lesson, PRESENT, "present", "");
  queue.flush();
  report();
});

function confirmed() {
  if (!all) return;
  all.disabled = true;
  all.textContent = "✓ Посещаемость отмечена";
}

function tell(tone, text) {
  status.dataset.tone = tone;
  status.textContent = text;
}

function report() {
  for (const entry of queue.waiting()) {
    const pupil = entry.lesson === lesson && pupils.get(entry.enrolment);
    if (pupil && !entry.comment) draw(pupil, queue.trouble ? "waiting" : "saving");
  }
  tell(...queue.words());
  if (!all || all.disabled) return;
  const marked = [...pupils.values()].some((pupil) => parts(pupil.value).code);
  all.textContent = marked ? "Остальные присутствуют" : "Все присутствуют";
}

for (const pupil of pupils.values()) {
  draw(pupil, "");
  drawComment(pupil);
}
for (const entry of queue.entries.values()) {
  const pupil = entry.lesson === lesson && pupils.get(entry.enrolment);
  if (!pupil) continue;
  if (entry.comment) {
    pupil.comment = entry.value;
    drawComment(pupil);
    continue;
  }
  pupil.value = entry.value;
  draw(pupil, entry.refused ? "failed" : "waiting", entry.refused);
}
if (queue.entries.size) {
  queue.flush();
  report();
}
