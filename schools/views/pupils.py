"""Pages of the home school's pupils and classes, and of the files that bring them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from network_portal.common.errors import RuleError, StaleError
from network_portal.common.forms import add_conflict, add_refusal, refusals_in
from schools import access, pupils
from schools.acting import ActingRequest
from schools.enums import ImportState
from schools.forms.pupils import (
    ClassForm,
    ExpectedGuardianForm,
    GuardianPolicyForm,
    ImportConfirmForm,
    ImportForm,
    PupilAccountForm,
    PupilFilterForm,
    StudentEditForm,
    StudentForm,
    StudentLeaveForm,
    StudentMoveForm,
)
from schools.imports.plan import ASKED, BACK, KINDS, MOVE, NEW, REJECTED, SAME
from schools.imports.rejected import rejected_workbook
from schools.models import PupilImport, Student
from schools.services import accounts as account_services
from schools.services import guardians as guardian_services
from schools.services import imports as import_services
from schools.services import pupils as services
from schools.views._shared import form_page, shown

PAGE = 50
#: More ticks than a person would set one by one; beyond them all or none are confirmed.
MOST_TICKS = 300
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KIND_LABELS = {
    NEW: "Новые",
    MOVE: "Класс изменился",
    BACK: "Отмечены выбывшими",
    REJECTED: "Не принято",
    SAME: "Без изменений",
}
SAMPLE = (
    ("full_name", "ФИО"),
    ("birth_date", "Дата рождения"),
    ("class", "Класс"),
    ("gender", "Пол"),
    ("parent.1", "Родитель 1"),
    ("email.1", "Эл. почта родителя 1"),
    ("phone.1", "Телефон родителя 1"),
    ("parent.2", "Родитель 2"),
    ("email.2", "Эл. почта родителя 2"),
    ("phone.2", "Телефон родителя 2"),
)


# --- classes and pupils -------------------------------------------------------------------------------------------


@require_safe
def student_list(request: ActingRequest) -> HttpResponse:
    """The pupils of the school, or of the own class."""
    found = pupils.pupils_for(request.acting)
    form = PupilFilterForm(request.GET, classes=pupils.classes_for(request.acting))
    wanted = form.wanted(request.GET.get("sort", "name"))
    context = {
        "page": Paginator(pupils.find_pupils(found, wanted), PAGE).get_page(request.GET.get("page")),
        "filter": form,
        "sort": wanted.sort,
        "narrowed": bool(wanted.name or wanted.school_class or wanted.left),
        "may_change": pupils.may_keep(request.acting),
    }
    return render(request, "schools/student_list.html", context)


@form_page
def class_list(request: ActingRequest) -> HttpResponse:
    """The classes of the school; who keeps the list of pupils adds one here."""
    classes = pupils.classes_for(request.acting)
    may_change = pupils.may_keep(request.acting)
    if request.method == "POST":
        access.require(request.acting, *access.KEEPERS)
    form = ClassForm(request.POST or None, default_year=pupils.default_year(timezone.localdate()))
    if form.is_valid():
        with refusals_in(form):
            made = services.class_add(actor=request.acting, **form.cleaned_data, at=timezone.now())
            messages.success(request, f"Класс добавлен: {made}.")
            return redirect("class_list")
    return shown(
        request, "schools/student_class_list.html", {"classes": classes, "form": form, "may_change": may_change}
    )


@form_page
def student_create(request: ActingRequest) -> HttpResponse:
    """Add one pupil by hand."""
    access.require(request.acting, *access.KEEPERS)
    form = StudentForm(request.POST or None, classes=pupils.classes_for(request.acting))
    if form.is_valid():
        with refusals_in(form):
            student = services.student_add(
                actor=request.acting,
                facts=form.facts(),
                school_class=form.cleaned_data["school_class"],
                at=timezone.now(),
            )
            messages.success(request, f"Обучающийся добавлен: {student.full_name}, {student.school_class}.")
            return redirect("student", student.pk)
    return shown(request, "schools/student_form.html", {"form": form, "student": None})


@form_page
def student_edit(request: ActingRequest, pk: int) -> HttpResponse:
    """Correct what is written of a pupil."""
    student = pupils.pupil_for(request.acting, pk, to_change=True)
    form = StudentEditForm(request.POST or None, initial=services.facts_of(student))
    if form.is_valid():
        try:
            services.student_edit(
                actor=request.acting,
                student=student,
                facts=form.facts(),
                seen=form.cleaned_data["seen"],
                at=timezone.now(),
            )
        except StaleError as refusal:
            add_conflict(form, refusal, services.facts_of(pupils.pupil_for(request.acting, pk)))
        except RuleError as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, "Сведения исправлены.")
            return redirect("student", pk)
    return shown(request, "schools/student_form.html", {"form": form, "student": student})


@require_safe
def student(request: ActingRequest, pk: int) -> HttpResponse:
    """The card of a pupil."""
    return _card(request, pk)


@require_POST
def student_move(request: ActingRequest, pk: int) -> HttpResponse:
    """Move a pupil to another class."""
    student = pupils.pupil_for(request.acting, pk, to_change=True)
    form = StudentMoveForm(request.POST, classes=pupils.classes_for(request.acting))
    return _done(request, student, "move", form, services.student_move, "Обучающийся переведён.")


@require_POST
def student_leave(request: ActingRequest, pk: int) -> HttpResponse:
    """Note that a pupil has left the school."""
    student = pupils.pupil_for(request.acting, pk, to_change=True)
    done = "Обучающийся отмечен выбывшим. Его отметки и документы сохранены."
    return _done(request, student, "leave", StudentLeaveForm(request.POST), services.student_leave, done)


@require_POST
def student_return(request: ActingRequest, pk: int) -> HttpResponse:
    """Take a pupil back who had left."""
    student = pupils.pupil_for(request.acting, pk, to_change=True)
    services.student_return(actor=request.acting, student=student, at=timezone.now())
    messages.success(request, f"Обучающийся снова числится в школе: {student.school_class}.")
    return redirect("student", pk)


@require_POST
def guardian_policy(request: ActingRequest, pk: int) -> HttpResponse:
    """Set whose word decisions about the child need."""
    student = pupils.pupil_for(request.acting, pk, to_change=True)
    form = GuardianPolicyForm(request.POST)
    return _done(request, student, "policy", form, guardian_services.guardian_policy_set, "Порядок изменён.")


@require_POST
def guardian_expected_add(request: ActingRequest, pk: int) -> HttpResponse:
    """Note a parent as the school's own papers have one."""
    student = pupils.pupil_for(request.acting, pk, to_change=True)
    form = ExpectedGuardianForm(request.POST)
    return _done(request, student, "expected", form, services.expected_add, "Родитель записан.")


@require_POST
def guardian_expected_remove(request: ActingRequest, pk: int) -> HttpResponse:
    """Take a parent off the school's own list."""
    expected = pupils.expected_for(request.acting, pk)
    services.expected_remove(actor=request.acting, expected=expected, at=timezone.now())
    messages.success(request, "Родитель убран из данных школы.")
    return redirect("student", expected.student_id)


def _done(request: ActingRequest, student: Student, name: str, form: Form, service: Any, done: str) -> HttpResponse:
    """Run the one service that a form of the card asks for, and show the card again with what was refused."""
    if form.is_valid():
        with refusals_in(form):
            service(actor=request.acting, student=student, **form.cleaned_data, at=timezone.now())
            messages.success(request, done)
            return redirect("student", student.pk)
    return _card(request, student.pk, **{name: form})


def _card(request: ActingRequest, pk: int, **bound: Form) -> HttpResponse:
    student = pupils.pupil_for(request.acting, pk)
    card = pupils.student_card(student, request.acting)
    today = timezone.localdate()
    policy = {"rule": card.policy.rule, "days": card.policy.days, "basis": card.policy.basis}
    forms: dict[str, Form] = {}
    if card.may_change:
        forms = {
            "move": StudentMoveForm(classes=pupils.classes_for(request.acting), initial={"on": today}),
            "leave": StudentLeaveForm(initial={"on": today}),
            "policy": GuardianPolicyForm(initial=policy),
            "expected": ExpectedGuardianForm(),
        }
    if card.may_invite:
        forms["invite"] = PupilAccountForm()
    return shown(request, "schools/student.html", {"student": student, "card": card, **forms, **bound})


@require_POST
def pupil_account_offer(request: ActingRequest, pk: int) -> HttpResponse:
    """Offer a pupil the own account at an address."""
    student = access.student_to_invite_for(request.acting, pk)
    form = PupilAccountForm(request.POST)
    done = "Приглашение отправлено. Учётная запись появится, когда обучающийся войдёт с этим адресом и примет её."
    return _done(request, student, "invite", form, account_services.account_offer, done)


# --- files --------------------------------------------------------------------------------------------------------


@form_page
def import_list(request: ActingRequest) -> HttpResponse:
    """Send a file with pupils; the files that were sent before."""
    earlier = pupils.imports_for(request.acting)
    default = pupils.default_year(timezone.localdate())
    form = ImportForm(request.POST or None, request.FILES or None, default_year=default)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            received = import_services.import_receive(
                actor=request.acting,
                year=form.cleaned_data["year"],
                name=file.name,
                content=file.read(),
                at=timezone.now(),
            )
        except RuleError as refusal:
            form.add_error("file", refusal.message)
        else:
            return redirect("import", received.pk)
    page = Paginator(earlier, PAGE).get_page(request.GET.get("page"))
    return shown(request, "schools/import_list.html", {"form": form, "page": page})


@require_safe
def import_sample(request: ActingRequest) -> HttpResponse:
    """An empty table with the columns that the portal takes."""
    access.require(request.acting, *access.KEEPERS)
    return _workbook(rejected_workbook(SAMPLE, (), reasons=False), "obrazec.xlsx")


@require_safe
@vary_on_headers("HX-Request")
def import_page(request: ActingRequest, pk: int) -> HttpResponse:
    """Where a file stands: progress, what would change, what was done; asks again by itself while it is worked on."""
    found = pupils.import_for(request.acting, pk)
    template = "schools/_import_state.html" if request.htmx else "schools/import.html"
    return render(request, template, _import_context(request, found))


@require_POST
def import_confirm(request: ActingRequest, pk: int) -> HttpResponse:
    """Save what the preview showed."""
    found = pupils.import_for(request.acting, pk)
    numbers = [row["number"] for kind in ASKED for row in pupils.kinds_of(found, kind)]
    form = ImportConfirmForm(request.POST, numbers=numbers)
    if not form.is_valid():
        raise StaleError("Предпросмотр с тех пор обновился. Ничего не сохранено: проверьте его ещё раз.")
    import_services.import_confirm(
        actor=request.acting,
        pupil_import=found,
        seen=form.cleaned_data["seen"],
        chosen=form.cleaned_data["row"],
        all_asked=form.cleaned_data["all_asked"],
        at=timezone.now(),
    )
    return redirect("import", pk)


@require_POST
def import_refresh(request: ActingRequest, pk: int) -> HttpResponse:
    """Compare the file with the school once more."""
    found = pupils.import_for(request.acting, pk)
    import_services.import_refresh(actor=request.acting, pupil_import=found, at=timezone.now())
    return redirect("import", pk)


@require_POST
def import_cancel(request: ActingRequest, pk: int) -> HttpResponse:
    """Give a file up."""
    found = pupils.import_for(request.acting, pk)
    import_services.import_cancel(actor=request.acting, pupil_import=found, at=timezone.now())
    messages.success(request, "Загрузка отменена, содержимое файла удалено.")
    return redirect("import_list")


@require_safe
def import_rejected(request: ActingRequest, pk: int) -> HttpResponse:
    """The rejected rows with the reasons, as a file to be mended."""
    found = pupils.import_for(request.acting, pk)
    rows = [(row["cells"], " ".join(row["reasons"])) for row in pupils.kinds_of(found, REJECTED)]
    return _workbook(rejected_workbook(found.columns.get("titles", ()), rows), f"ne_prinyato_{found.pk}.xlsx")


def _workbook(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )


def _import_context(request: ActingRequest, found: PupilImport) -> dict[str, Any]:
    kinds = [kind for kind in KINDS if found.counts.get(kind)]
    kind = request.GET.get("kind", "")
    if found.state == ImportState.SAVED:
        kinds = [REJECTED]
    kind = kind if kind in kinds else next(iter(kinds), NEW)
    asked = [row for one in ASKED for row in pupils.kinds_of(found, one)] if found.state == ImportState.READY else []
    written, to_write = pupils.written_of(found) if found.state == ImportState.SAVING else (0, 0)
    return {
        "found": found,
        "written": written,
        "to_write": to_write,
        "working": found.state in (ImportState.READING, ImportState.SAVING),
        "steps": _steps(ImportState(found.state)),
        "tabs": [
            {"label": KIND_LABELS[k], "url": f"?kind={k}", "count": found.counts.get(k, 0), "active": k == kind}
            for k in kinds
        ],
        "kind": kind,
        "page": Paginator(pupils.kinds_of(found, kind), PAGE).get_page(request.GET.get("page")),
        "asked": asked[:MOST_TICKS],
        "asked_count": len(asked),
        "most_ticks": MOST_TICKS,
    }


def _steps(state: ImportState) -> list[dict[str, str]]:
    """Return the line of steps: read, looked at, saved."""
    labels = ["Чтение файла", "Проверка вами", "Сохранение"]
    now = {
        ImportState.READING: 0,
        ImportState.READY: 1,
        ImportState.STALE: 1,
        ImportState.SAVING: 2,
        ImportState.SAVED: 3,
    }.get(state)
    if now is None:
        return []
    states = ["done" if place < now else "now" if place == now else "todo" for place in range(3)]
    return [{"label": label, "state": state} for label, state in zip(labels, states, strict=True)]
