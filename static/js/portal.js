// Behaviour of every page: questions before an act, one submit per click, menus, the accessible version, htmx errors.

// --- a question before an act: <form data-confirm="…"> or a submit button with data-confirm -----------------------

const confirmed = new WeakSet();

function ask(text, act, dangerous) {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "question");
  const question = document.createElement("p");
  question.id = "question";
  question.textContent = text;
  const buttons = document.createElement("form");
  buttons.method = "dialog";
  buttons.className = "dialog-buttons";
  for (const [value, label, look] of [
    ["", "Не сейчас", "btn-outline-secondary"],
    ["yes", act, dangerous ? "btn-danger" : "btn-primary"],
  ]) {
    const button = document.createElement("button");
    button.value = value;
    button.className = `btn ${look}`;
    button.textContent = label;
    buttons.append(button);
  }
  dialog.append(question, buttons);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    const button = event.submitter;
    const text = button?.dataset.confirm || form.dataset.confirm;
    if (!text || confirmed.delete(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const dangerous = /danger/.test(button?.className || "");
    if (await ask(text, button?.textContent.trim() || "Продолжить", dangerous)) {
      confirmed.add(form);
      form.requestSubmit(button);
    } else {
      button?.focus();
    }
  },
  true,
);

// --- one submit per click ------------------------------------------------------------------------------------------

const LOCK = 8000;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented || form.matches("[data-hx-post], [data-low-vision]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  form.setAttribute("aria-busy", "true");
  setTimeout(() => unlock(form), LOCK); // An answer may be a file: then the page stays.
});

function unlock(form) {
  delete form.dataset.sent;
  form.removeAttribute("aria-busy");
}

addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(unlock));

// --- menus: <details class="menu"> closes on Escape and on a click elsewhere ----------------------------------------

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// --- version for the visually impaired: at once, without losing what is typed on the page ----------------------------

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-low-vision]")) return;
  event.preventDefault();
  const on = document.documentElement.classList.toggle("low-vision");
  const secure = location.protocol === "https:" ? ";secure" : "";
  document.cookie = `low_vision=1;path=/;samesite=lax;max-age=${on ? 365 * 24 * 3600 : 0}${secure}`;
  event.target.querySelector("button").setAttribute("aria-pressed", String(on));
});

// --- errors above a form: bring them into view ----------------------------------------------------------------------

document.querySelector("[data-error-summary]")?.focus();

// --- htmx: an expired session leads to the sign-in page, any other failure is said in words ---------------------------

const REASONS = {
  0: "Нет связи с порталом. Введённое осталось на странице: повторите, когда связь появится.",
  403: "Это действие вам недоступно.",
  404: "Запись не найдена: возможно, её уже удалили. Обновите страницу.",
  409: "Данные изменились, пока вы работали. Обновите страницу и повторите.",
  429: "Слишком много запросов. Подождите минуту и повторите.",
};

function say(text) {
  const box = document.getElementById("messages");
  const note = document.createElement("div");
  note.className = "alert alert-danger";
  note.textContent = text;
  box.replaceChildren(note);
  note.scrollIntoView({ block: "nearest" });
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const login = document.body.dataset.loginUrl;
  const { xhr } = event.detail;
  if (xhr.responseURL && new URL(xhr.responseURL).pathname === login && location.pathname !== login) {
    event.detail.shouldSwap = false;
    location.assign(`${login}?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
});

document.addEventListener("htmx:responseError", (event) => {
  say(REASONS[event.detail.xhr.status] || "Портал не смог выполнить действие. Повторите через минуту.");
});
document.addEventListener("htmx:sendError", () => say(REASONS[0]));
