// The tally of a vote: says while one types how far the sum is from the number of members in the hall.

const form = document.querySelector("[data-tally-of]");

function show() {
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

if (form) {
  form.addEventListener("input", show);
  show();
}
