// The check of a file: its hash is computed here and only the hash is sent. Without a secure page the form uploads.

const form = document.querySelector("[data-check-file]");
const TOO_LARGE = 10 * 1024 * 1024;
const here = Boolean(globalThis.crypto?.subtle && globalThis.htmx);

function say(text) {
  const note = document.createElement("div");
  note.className = "alert alert-warning";
  note.textContent = text;
  document.getElementById("file-verdict").replaceChildren(note);
}

async function compare(file) {
  if (!file) return say("Выберите файл документа.");
  if (file.size > TOO_LARGE) return say("Файл больше 10 МБ: портал таких документов не выдаёт.");
  say("Сравниваем файл…");
  let bytes;
  try {
    bytes = await file.arrayBuffer();
  } catch {
    return say("Файл не читается. Выберите его ещё раз.");
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const inside = new TextDecoder("latin1").decode(bytes).match(/check-code:([0-9A-Z-]{19})/);
  const values = Object.fromEntries([...form.querySelectorAll("input[type=hidden]")].map((one) => [one.name, one.value]));
  await htmx.ajax("POST", form.action, {
    target: "#file-verdict",
    values: {
      ...values,
      sha256: [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
      printed_code: inside ? inside[1] : "",
    },
  });
  document.getElementById("file-verdict").focus();
}

if (form && here) {
  const input = form.querySelector("input[type=file]");
  form.querySelector("[data-check-local]").hidden = false;
  form.querySelector("[data-check-upload]").hidden = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    compare(input.files[0]);
  });
  input.addEventListener("change", () => compare(input.files[0]));
  for (const kind of ["dragenter", "dragover"]) {
    form.addEventListener(kind, (event) => {
      event.preventDefault();
      form.classList.add("check-file-over");
    });
  }
  for (const kind of ["dragleave", "drop"]) form.addEventListener(kind, () => form.classList.remove("check-file-over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
    compare(event.dataTransfer.files[0]);
  });
}
