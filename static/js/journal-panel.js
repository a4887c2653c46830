// The comment and the history of a cell, beside the journal.

import { cursor, go } from "./journal-cursor.js";
import { comment } from "./journal-save.js";
import { box, shortWords } from "./journal-table.js";

const panel = document.querySelector("[data-panel]");
const form = panel?.querySelector("[data-comment-form]");
const field = form?.querySelector("textarea");
let told = null; // the cell that the panel is about

panel?.querySelector("[data-panel-close]").addEventListener("click", closePanel);
panel?.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    if (field) field.value = told.comment;
    closePanel();
  } else if (event.key === "Enter" && event.target === field && !event.isComposing) {
    event.preventDefault();
    closePanel();
  }
});
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  closePanel();
});
field?.addEventListener("change", commitComment);

export const panelIsOpen = () => panel && !panel.hidden;

// What was written is kept, however one leaves the field.
export function commitComment() {
  if (told?.open && field) comment(told, field.value.trim().replace(/\s+/g, " "));
}

export async function tell() {
  commitComment();
  const { cell } = cursor;
  told = cell;
  const body = panel.querySelector("[data-panel-body]");
  panel.hidden = false;
  panel.querySelector("h2").textContent = shortWords(cell);
  if (form) {
    form.hidden = !cell.open;
    field.value = cell.comment;
  }
  (form && cell.open ? field : panel.querySelector("[data-panel-close]")).focus();
  body.textContent = "Загружается…";
  const url = box.dataset.historyUrl.replace("/0/", `/${cell.lesson}/`).replace("/0/", `/${cell.enrolment}/`);
  let html;
  try {
    const response = await fetch(url, { headers: { "HX-Request": "true" } });
    if (!response.ok || response.redirected) throw new Error(response.status);
    html = await response.text();
  } catch {
    if (told === cell) body.textContent = "Историю сейчас показать не удалось. Проверьте связь и откройте её ещё раз.";
    return;
  }
  if (told === cell) body.innerHTML = html;
}

export function closePanel() {
  commitComment();
  told = null;
  panel.hidden = true;
  go(cursor.cell);
}
