// The history and the comments of a cell, beside the journal.

import { cursor, go } from "./journal-cursor.js";
import { box } from "./journal-table.js";

const panel = document.querySelector("[data-panel]");
panel?.querySelector("[data-panel-close]").addEventListener("click", closePanel);
panel?.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closePanel();
});

export const panelIsOpen = () => panel && !panel.hidden;

export async function tell() {
  const { cell } = cursor;
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

export function closePanel() {
  panel.hidden = true;
  go(cursor.cell);
}
