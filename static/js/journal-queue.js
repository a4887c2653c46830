// What a teacher enters waits here until the portal has taken it. It is kept in the browser, apart for each person,
// duty and group, so that neither a lost network nor a reload loses it. The server alone judges what may be written:
// each entry says what stood in the cell before, and sending one twice does no harm.

const PATIENCE = 15000; // ms for one request
const RETRY_AFTER = 5000;
const BATCH = 100;

export const PRESENT = 0; // in place of a pupil: the roll call of the whole lesson

const TROUBLE = {
  offline: "Нет связи с порталом. Введённое хранится в этом браузере и отправится само, когда связь появится.",
  signedOut: "Вы вышли из портала. Введённое хранится в этом браузере: войдите снова в другой вкладке, и оно отправится.",
  elsewhere: "Портал сейчас их не принял: возможно, вы действуете в другом качестве (это видно вверху страницы) или с журналом работает другой человек. Введённое хранится в этом браузере и отправится ещё раз.",
  broken: "Портал не смог сохранить записи. Они хранятся в этом браузере и отправятся ещё раз.",
};

export class Queue {
  // `box` carries the addresses and whose queue it is; `told.answer(entry, answer)` gets every result,
  // `told.change()` is called whenever something else has to be said.
  constructor(box, told) {
    this.url = box.dataset.cellsUrl;
    this.acting = box.dataset.acting;
    this.period = box.dataset.period || "";
    this.prefix = `journal:${box.dataset.owner}:${box.dataset.group}:`;
    this.token = document.querySelector("[data-journal-token] input[name=csrfmiddlewaretoken]").value;
    this.told = told;
    this.busy = false;
    this.trouble = "";
    this.size = BATCH;
    this.entries = new Map();
    this.read();
    setInterval(() => this.flush(), RETRY_AFTER);
    addEventListener("online", () => this.flush());
    addEventListener("pagehide", () => this.flush(true));
  }

  read() {
    this.kept = true;
    try {
      for (const key of Object.keys(localStorage).filter((one) => one.startsWith(this.prefix))) {
        const entry = JSON.parse(localStorage.getItem(key));
        this.entries.set(keyOf(entry), { ...entry, asked: false });
      }
    } catch {
      this.kept = false; // the browser keeps nothing: a question before leaving has to do
    }
  }

  keep(entry) {
    this.entries.set(keyOf(entry), entry);
    try {
      localStorage.setItem(this.prefix + keyOf(entry), JSON.stringify(entry));
    } catch {
      this.kept = false;
    }
  }

  drop(entry) {
    this.entries.delete(keyOf(entry));
    try {
      localStorage.removeItem(this.prefix + keyOf(entry));
    } catch {
      this.kept = false;
    }
  }

  get(lesson, enrolment, comment = false) {
    return this.entries.get(keyOf({ lesson, enrolment, comment }));
  }

  // Take a value, or a comment, for a cell. What stood there before is what the server was last known to hold, not what
  // was typed.
  put(lesson, enrolment, value, seen, comment = false) {
    const before = this.get(lesson, enrolment, comment);
    seen = before ? before.seen : seen;
    this.keep({ id: newId(), lesson, enrolment, comment, value, seen, reason: "", refused: "", asked: false });
  }

  // Answer a conflict or the question for a reason: the entry goes again.
  renew(entry, changes) {
    this.keep({ ...entry, ...changes, id: newId(), refused: "", asked: false });
  }

  waiting() {
    return [...this.entries.values()].filter((entry) => !entry.refused && !entry.asked);
  }

  refused() {
    return [...this.entries.values()].filter((entry) => entry.refused);
  }

  async flush(leaving = false) {
    if (this.busy && !leaving) return;
    const sent = this.waiting().slice(0, this.size);
    if (!sent.length) return;
    this.busy = true;
    this.told.change();
    const answers = await this.send(sent, leaving);
    this.busy = false;
    if (!answers) {
      this.told.change();
      return;
    }
    this.trouble = "";
    this.size = BATCH;
    for (const [place, entry] of sent.entries()) this.settle(entry, answers[place]);
    this.told.change();
    this.flush();
  }

  settle(sent, answer) {
    const entry = this.entries.get(keyOf(sent));
    if (!entry) return;
    if (entry.id !== sent.id) {
      // typed on meanwhile: the newer value goes next, upon what stands there now
      if (answer.status === "saved") this.keep({ ...entry, seen: answer.value });
      return;
    }
    if (answer.status === "saved") this.drop(entry);
    else this.keep({ ...entry, asked: answer.status !== "refused", refused: answer.status === "refused" ? answer.error : "" });
    this.told.answer(entry, answer);
  }

  // Return the answers in the order of the entries; null when they have to wait, and `trouble` says why.
  async send(sent, leaving, again = true) {
    const cells = sent.map(({ lesson, enrolment, comment, value, seen, reason }) => {
      return { lesson, enrolment, comment: Boolean(comment), value, seen, reason };
    });
    let response, answer;
    try {
      response = await fetch(this.url, {
        method: "POST",
        headers: { "X-CSRFToken": this.token, Accept: "application/json" },
        body: new URLSearchParams({ cells: JSON.stringify(cells), acted_as: this.acting, period: this.period }),
        signal: AbortSignal.timeout(PATIENCE),
        keepalive: leaving,
      });
      const json = response.headers.get("Content-Type")?.startsWith("application/json");
      answer = json ? await response.json() : {};
    } catch {
      this.trouble = TROUBLE.offline;
      return null;
    }
    if (response.ok && answer.results) return answer.results;
    let token = "";
    if (response.status === 403 && again) token = await this.freshToken();
    if (token) {
      this.token = token;
      return this.send(sent, leaving, false);
    }
    if (response.redirected || token === null) this.trouble = TROUBLE.signedOut;
    else if (response.status === 400 && answer.error) return sent.map(() => ({ status: "refused", error: answer.error }));
    else if (response.status === 403 || response.status === 404)
      return sent.map(() => ({ status: "refused", error: "Заполнять этот журнал вам нельзя." }));
    else if (response.status === 409) this.trouble = TROUBLE.elsewhere;
    else {
      this.trouble = TROUBLE.broken;
      this.size = 1; // one entry that breaks the portal must not hold up the others
      const first = this.entries.get(keyOf(sent[0]));
      if (first) {
        this.entries.delete(keyOf(first));
        this.keep(first);
      }
    }
    return null;
  }

  // After signing in anew the page's token is out of date: return the one of the same page as it is now, an empty one
  // when the page has none any more, null when one has to sign in first.
  async freshToken() {
    try {
      const response = await fetch(location.href);
      if (response.redirected) return null;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      return page.querySelector("[data-journal-token] input[name=csrfmiddlewaretoken]")?.value || "";
    } catch {
      return "";
    }
  }

  // What the line under the journal says: [tone, words].
  words() {
    const refused = this.refused();
    const waiting = this.waiting();
    if (this.trouble && waiting.length) return ["bad", `Не отправлено записей: ${waiting.length}. ${this.trouble}`];
    if (refused.length) return ["bad", `Не принято записей: ${refused.length}. ${refused.at(-1).refused}`];
    if (waiting.length) return ["", "Сохраняется…"];
    return ["good", "Все изменения сохранены."];
  }
}

function keyOf({ lesson, enrolment, comment }) {
  return `${lesson}:${enrolment}${comment ? ":comment" : ""}`;
}

function newId() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// --- questions ------------------------------------------------------------------------------------------------------

const PAUSE = 700; // milliseconds
let last = Promise.resolve();
let typing = 0;

addEventListener(
  "keydown",
  () => {
    clearTimeout(typing);
    typing = setTimeout(() => (typing = 0), PAUSE);
  },
  true,
);

// Wait until nobody types: a question that opened meanwhile would take the next keys for its answer.
export async function quiet() {
  while (typing || document.activeElement?.matches("textarea")) await new Promise((done) => setTimeout(done, 100));
}

// Ask a question with two answers; true for the second. Questions wait for one another, and for a pause in typing. With
// a field the answer is what was typed, false for the first; a field that has a `value` already may be left empty.
export function ask(text, [no, yes], { field = "", value = null, longest = 300 } = {}) {
  const answer = last.then(quiet).then(() => show(text, no, yes, field, value, longest));
  last = answer.catch(() => {});
  return answer;
}

function show(text, no, yes, field, value, longest) {
  const dialog = document.createElement("dialog");
  dialog.className = "journal-question";
  dialog.setAttribute("aria-labelledby", "journal-question");
  const words = document.createElement("p");
  words.id = "journal-question";
  words.textContent = text;
  const form = document.createElement("form");
  form.method = "dialog";
  let input;
  if (field) {
    const label = document.createElement("label");
    label.className = "form-label";
    label.textContent = field;
    input = document.createElement("input");
    input.className = "form-control";
    input.maxLength = longest;
    input.required = value === null;
    input.value = value || "";
    input.autocomplete = "off";
    label.append(input);
    form.append(label);
  }
  const buttons = document.createElement("div");
  buttons.className = "dialog-buttons";
  for (const [value, label, look] of [["", no, "btn-outline-primary"], ["yes", yes, "btn-primary"]]) {
    const button = document.createElement("button");
    button.value = value;
    button.className = `btn ${look}`;
    button.textContent = label;
    if (!value) button.formNoValidate = true;
    buttons.append(button);
  }
  // Enter in the field means the act, not the first button
  if (input) input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    form.requestSubmit(buttons.lastElementChild);
  });
  form.append(buttons);
  dialog.append(words, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      const agreed = dialog.returnValue === "yes";
      resolve(input ? agreed && input.value.trim() : agreed);
    });
  });
}
