// Where the journal shows no grid: what was typed elsewhere and still waits in this browser goes to the portal.

import { Queue } from "./journal-queue.js";

const box = document.querySelector("[data-journal-box]");
const status = document.querySelector("[data-state]");
const queue = new Queue(box, { answer() {}, change: report });

function report() {
  [status.dataset.tone, status.textContent] = queue.words();
}

if (queue.entries.size) {
  report();
  queue.flush();
}
