// The council: screens that follow a meeting, acts that survive a lost connection, the tally, the secretary's keys.
// The server alone judges; what it has not heard stays here under a key of its own and is sent again in its order.

const live = document.querySelector("[data-live]");
const line = document.querySelector("[data-line]");

const ASK_EVERY = 700; // ms between the end of one question for news and the next: what is shown is under a second old
const RETRY_AFTER = 2000;
const PATIENCE = 10000;

// --- the tally: how far the sum is from the number of members in the hall -----------------------------------------

function showSum() {
  const form = document.querySelector("[data-tally-of]");
  if (!form) return;
  const present = Number(form.dataset.tallyOf);
  const fields = [...form.querySelectorAll("[data-tally]")];
  const note = form.querySelector("[data-tally-sum]");
  if (fields.every((field) => field.value === "")) return;
  const sum = fields.reduce((total, field) => total + Number(field.value || 0), 0);
  note.textContent =
    sum === present
      ? `Сумма ${sum} равна числу присутствующих.`
      : `Сумма ${sum}, а присутствуют ${present}: ${sum < present ? "не хватает" : "лишних"} ${Math.abs(present - sum)}.`;
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-tally]")) showSum();
});
showSum();

// --- a question of the agenda: only the fields that its kind asks for ----------------------------------------------

const kinds = document.querySelector("[data-kinds]");

function showAsked() {
  const kind = kinds.elements.kind.value;
  for (const row of kinds.querySelectorAll("[data-for]")) row.hidden = !row.dataset.for.split(" ").includes(kind);
}

if (kinds) {
  kinds.elements.kind.addEventListener("change", showAsked);
  showAsked();
}

// --- the screen: what is new since ----------------------------------------------------------------------------------

let tag = "";
let lost = false;
let asking = 0;

function address() {
  const item = live.dataset.item;
  return item ? `${live.dataset.live}?item=${item}` : live.dataset.live;
}

async function ask() {
  clearTimeout(asking);
  try {
    const response = await fetch(address(), {
      headers: tag ? { "If-None-Match": tag } : {},
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
    });
    lost = false;
    if (response.status === 200) {
      show(await response.text());
      tag = response.headers.get("ETag") || "";
    } else if (response.status !== 304 && response.status < 500) {
      return; // The meeting is gone from this person's sight: nothing more will come.
    }
  } catch {
    lost = true;
  }
  report();
  asking = setTimeout(ask, ASK_EVERY);
}

function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const state = live.querySelector("[data-state]")?.dataset.state;
  const now = page.querySelector("[data-state]")?.dataset.state;
  if (state !== now && !queue.length) {
    location.reload();
    return;
  }
  for (const fresh of page.querySelectorAll("[data-region]")) {
    const old = live.querySelector(`[data-region="${fresh.dataset.region}"]`);
    if (!old || plain(old) === plain(fresh)) continue;
    const focus = old.contains(document.activeElement) ? spot(document.activeElement) : "";
    carry(old, fresh);
    old.replaceWith(fresh);
    if (focus) fresh.querySelector(focus)?.focus({ preventScroll: true });
  }
  showSum();
}

// Two renderings are the same when only the tokens of their forms differ, or the marks this script has put there.
function plain(region) {
  const copy = region.cloneNode(true);
  for (const token of copy.querySelectorAll('input[name="csrfmiddlewaretoken"], [data-tally-sum]')) token.remove();
  for (const form of copy.querySelectorAll("form")) for (const name of ["data-sent", "aria-busy"]) form.removeAttribute(name);
  for (const details of copy.querySelectorAll("details")) details.removeAttribute("open");
  return copy.innerHTML;
}

function spot(field) {
  if (field.id) return `#${CSS.escape(field.id)}`;
  const form = field.form?.getAttribute("action");
  return form && field.name ? `form[action="${CSS.escape(form)}"] [name="${CSS.escape(field.name)}"]` : "";
}

// What was typed or opened stays when its region is replaced.
function carry(old, fresh) {
  for (const form of fresh.querySelectorAll("form")) {
    const before = [...old.querySelectorAll("form")].find((one) => one.getAttribute("action") === form.getAttribute("action"));
    if (!before || before.dataset.done) continue;
    for (const field of form.elements) {
      const typed = field.name && before.elements[field.name];
      if (!typed || !("value" in typed) || field.type === "hidden" || field.type === "submit") continue;
      if (typed.type === "checkbox" || typed.type === "radio") field.checked = typed.checked;
      else if (typed.tagName === "SELECT" ? changed(typed) : typed.value !== typed.defaultValue) field.value = typed.value;
    }
  }
  const quick = old.querySelector("[data-quick]");
  if (quick) fresh.querySelector("[data-quick]").value = quick.value;
  const open = [...old.querySelectorAll("details[open] > summary")].map((one) => one.textContent);
  for (const summary of fresh.querySelectorAll("details > summary")) {
    if (open.includes(summary.textContent)) summary.parentElement.open = true;
  }
}

function changed(select) {
  return [...select.options].some((option) => option.selected !== option.defaultSelected);
}

// --- acts: each under a key, in their order, until the portal has heard them ----------------------------------------

// Apart for each person and duty: whoever signs in here next sends nothing of somebody else's.
const store = `council:${live?.dataset.owner}:${live?.dataset.live}`;
const typedStore = `${store}:typed`;
const WORDY = "form.form[data-queue]"; // forms that are filled in, not single buttons
let queue = read();
let sending = false;
let refused = "";

function read() {
  try {
    return JSON.parse(localStorage.getItem(store)) || [];
  } catch {
    return [];
  }
}

function keep() {
  try {
    localStorage.setItem(store, JSON.stringify(queue));
  } catch {
    // A full or closed store: the acts stay in this page.
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!live || !form.matches("[data-queue]") || event.defaultPrevented) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const data = new FormData(form, event.submitter);
  data.delete("csrfmiddlewaretoken");
  const sums = form.matches("[data-tally-of]") && [...form.querySelectorAll("[data-tally]")];
  if (sums && sums.some((field) => field.value === "")) {
    refused = "Заполните все четыре числа голосов.";
    report();
    sums.find((field) => field.value === "").focus();
    return;
  }
  form.dataset.done = "1";
  for (const button of form.querySelectorAll("button")) button.disabled = true;
  put(form.dataset.queue, form.getAttribute("action"), data, form.matches(WORDY));
}, true);

function put(label, url, data, wordy) {
  refused = "";
  forget(url);
  const body = [...data].filter(([, value]) => typeof value === "string");
  queue.push({ label, url, wordy, key: identifier(), at: Date.now(), body });
  keep();
  send();
}

// Without a secure context there is no randomUUID: a school's own network may have no certificate.
function identifier() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

async function send() {
  if (sending) return;
  sending = true;
  report();
  while (queue.length) {
    const act = queue[0];
    const age = Date.now() - act.at;
    const body = new URLSearchParams([...act.body, ["key", act.key], ["age", age > RETRY_AFTER ? String(age) : ""]]);
    let response;
    try {
      response = await fetch(act.url, {
        method: "POST",
        headers: { "X-CSRFToken": token(), Accept: "application/json" },
        body,
        redirect: "error",
        signal: AbortSignal.timeout(PATIENCE),
      });
    } catch {
      lost = true;
      break;
    }
    if (response.status >= 500 || response.status === 429) {
      lost = true;
      break;
    }
    lost = false;
    if (!response.ok) {
      const answer = await response.json().catch(() => ({}));
      refused = `${act.label}: ${answer.error || "действие не принято. Обновите страницу."}`;
      if (act.wordy) keepTyped({ ...typed(), [act.url]: Object.fromEntries(act.body) });
      for (const form of live.querySelectorAll("form[data-done]")) {
        if (form.getAttribute("action") === act.url) delete form.dataset.done; // what was typed stays
      }
    }
    queue.shift();
    keep();
    tag = "";
  }
  sending = false;
  report();
  if (queue.length) setTimeout(send, RETRY_AFTER);
  else ask();
}

function token() {
  return document.querySelector('input[name="csrfmiddlewaretoken"]')?.value || "";
}

function report() {
  if (!line) return;
  line.dataset.tone = queue.length || refused || lost ? "bad" : "";
  if (queue.length && lost)
    line.textContent = `Нет связи с порталом. Записано здесь и отправится само: ${queue.map((act) => act.label).join("; ")}.`;
  else if (queue.length) line.textContent = "Отправляется…";
  else if (refused) line.textContent = refused;
  else if (lost) line.textContent = "Нет связи с порталом. Показано то, что было до обрыва.";
  else line.textContent = "Страница обновляется сама.";
}

addEventListener("online", () => send());
addEventListener("beforeunload", (event) => {
  if (queue.length) event.preventDefault();
});

// --- what is typed and not sent yet outlives a reload -----------------------------------------------------------------

const TYPED = "input:not([type=hidden], [data-quick]), textarea, select";

function typed() {
  try {
    return JSON.parse(localStorage.getItem(typedStore)) || {};
  } catch {
    return {};
  }
}

function keepTyped(all) {
  try {
    if (Object.keys(all).length) localStorage.setItem(typedStore, JSON.stringify(all));
    else localStorage.removeItem(typedStore);
  } catch {
    // A full or closed store: the words stay in this page.
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!live?.contains(form) || !form.matches(WORDY)) return;
  const fields = [...form.querySelectorAll(TYPED)].filter((field) => field.name);
  keepTyped({ ...typed(), [form.getAttribute("action")]: Object.fromEntries(fields.map((field) => [field.name, field.value])) });
});

function forget(url) {
  const all = typed();
  delete all[url];
  keepTyped(all);
}

function restore() {
  const all = typed();
  for (const form of live.querySelectorAll(WORDY)) {
    const values = all[form.getAttribute("action")] || {};
    for (const field of form.querySelectorAll(TYPED)) {
      if (field.name in values) field.value = values[field.name];
    }
  }
  showSum();
}

// --- the secretary's keys --------------------------------------------------------------------------------------------

const FREE = "input, textarea, select, [contenteditable]";

document.addEventListener("keydown", (event) => {
  if (!live || !("keeper" in live.dataset) || event.ctrlKey || event.metaKey || event.altKey) return;
  const quick = live.querySelector("[data-quick]");
  if (event.target === quick && event.key === "Enter") {
    event.preventDefault();
    mark(quick);
    return;
  }
  if (event.target.matches("[data-tally]") && event.key === "Enter") {
    const fields = [...event.target.form.querySelectorAll("[data-tally]")];
    const next = fields[fields.indexOf(event.target) + 1];
    if (!next) return; // in the last one Enter records the vote
    event.preventDefault();
    if (next === fields.at(-1) && next.value === "") fillRest(event.target.form, fields);
    next.focus();
    next.select();
    return;
  }
  if (event.target.matches(FREE)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.code === "Slash") {
    event.preventDefault();
    quick?.focus();
  } else if (event.code === "KeyU") { // «г»
    event.preventDefault();
    live.querySelector("[data-tally]")?.focus();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const links = [...live.querySelectorAll("[data-item-link]")];
    const at = links.findIndex((link) => link.hasAttribute("aria-current"));
    const next = links[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) {
      event.preventDefault();
      next.click();
    }
  }
});

// Whoever is present and has said nothing has not voted.
function fillRest(form, fields) {
  const said = fields.slice(0, -1).reduce((total, field) => total + Number(field.value || 0), 0);
  fields.at(-1).value = Math.max(0, Number(form.dataset.tallyOf) - said);
  showSum();
}

// «орлов 14:20»: whoever is in the hall leaves, everybody else arrives.
function mark(quick) {
  const [, name, hours, minutes] = quick.value.trim().match(/^(.*?)(?:\s+(\d{1,2})[:.]?(\d{2}))?$/);
  const wanted = name.toLowerCase().replaceAll("ё", "е").replace(/\s+/g, " ");
  const forms = [...live.querySelectorAll("form[data-name]")];
  const found = forms.filter((form) =>
    form.dataset.name.toLowerCase().replaceAll("ё", "е").replace(/\s+/g, " ").startsWith(wanted),
  );
  if (!wanted || found.length !== 1) {
    refused = found.length > 1 ? `«${name}»: подходят несколько человек, допишите имя.` : `«${name}»: такого члена совета нет.`;
    report();
    return;
  }
  if (hours) found[0].elements.minute.value = `${hours.padStart(2, "0")}:${minutes}`;
  quick.value = "";
  found[0].requestSubmit();
}

if (live) {
  restore();
  if (queue.length) send();
  asking = setTimeout(ask, ASK_EVERY);
  report();
}
