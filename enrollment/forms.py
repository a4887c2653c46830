"""Input of enrolment; querysets and choices come from the gate and the selectors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from courses.models import NetworkCourse, StudyGroup
from enrollment.enums import Counts, LineDecision
from enrollment.models import Enrolment
from enrollment.selectors.consents import ConsentNeeded
from enrollment.selectors.details import Details
from enrollment.selectors.leaving import HomeExit
from enrollment.selectors.requests import Candidate
from network_portal.common.dates import ru_day
from network_portal.common.forms import DateField, MomentField, TextField, offer
from network_portal.documents.forms import ScanField
from schools.enums import Kinship
from schools.models import Agreement, Duty, Organisation, Student


class ChildField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Student) -> str:
        return f"{obj.full_name}, {obj.school_class} класс, {obj.home_school.short_name}"


class GroupField(forms.ModelChoiceField):
    def label_from_instance(self, obj: StudyGroup) -> str:
        return f"{obj.name}, {obj.course}"


class ChildForm(forms.Form):
    """For which child; the course is the one whose page the parent comes from."""

    student: forms.ModelChoiceField[Student] = ChildField(
        None, label="Для кого заявление", widget=forms.RadioSelect, empty_label=None, error_messages={
            "required": "Выберите ребёнка.", "invalid_choice": "Выберите ребёнка из списка.",
        },
    )  # fmt: skip
    course = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, children: QuerySet[Student], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Student]", self.fields["student"]).queryset = children


class ChoiceForm(forms.Form):
    """One step with the wishes: a course is added, removed or moved."""

    ACTIONS = ("add", "remove", "up", "down")

    action = forms.ChoiceField(choices=[(action, action) for action in ACTIONS])
    course = forms.IntegerField(min_value=1)


class FormOfStudyForm(forms.Form):
    """Another form of study of a chosen course: the course that has it."""

    course = forms.IntegerField(min_value=1)
    to = forms.IntegerField(min_value=1)


class WaitlistForm(forms.Form):
    waitlist_ok = forms.TypedChoiceField(
        label="Если мест не будет, поставить ребёнка в лист ожидания?",
        choices=[("yes", "Да, ждать, пока место освободится"), ("no", "Нет, не ждать")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "Выберите ответ.", "invalid_choice": "Выберите ответ."},
    )


IDENTITY = [("паспорт", "паспорт гражданина России"), ("паспорт иностранного гражданина", "иностранный паспорт")]
CHILD_IDENTITY = [("свидетельство о рождении", "свидетельство о рождении"), *IDENTITY]


class DetailsForm(forms.Form):
    """Addresses and identity documents for the consents (L-2)."""

    address = forms.CharField(label="Ваш адрес", max_length=300, widget=forms.TextInput(
        attrs={"autocomplete": "street-address"}
    ))  # fmt: skip
    document = forms.ChoiceField(label="Ваш документ", choices=IDENTITY)
    number = forms.CharField(label="Серия и номер", max_length=40, help_text="Например: 6510 123456.")
    issued_on = DateField(label="Когда выдан")
    issuer = forms.CharField(label="Кем выдан", max_length=200)
    child_address = forms.CharField(
        label="Адрес ребёнка", max_length=300, required=False, help_text="Не заполняйте, если ребёнок живёт с вами."
    )
    child_document = forms.ChoiceField(label="Документ ребёнка", choices=CHILD_IDENTITY)
    child_number = forms.CharField(label="Серия и номер документа ребёнка", max_length=40)
    child_issued_on = DateField(label="Когда выдан документ ребёнка")
    child_issuer = forms.CharField(label="Кем выдан документ ребёнка", max_length=200)

    def details(self) -> Details:
        """Return what was typed; only of a valid form."""
        return Details(**self.cleaned_data)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("issued_on", "child_issued_on"):
            if name in cleaned and cleaned[name] > timezone.localdate():
                self.add_error(name, "Документ не может быть выдан в будущем.")
        return cleaned


class ConsentForm(forms.Form):
    """A checkbox for each consent that is not in force; the ones ticked before stay so, none is ticked for the parent.

    None at all may be ticked: the parent is told then what cannot be done without them (L-2).
    """

    operators = forms.TypedMultipleChoiceField(label="Согласия", coerce=int, required=False)

    def __init__(self, *args: Any, needed: Iterable[ConsentNeeded], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["operators"]).choices = [
            (need.operator.pk, need.operator.short_name) for need in needed
        ]


class CodeForm(forms.Form):
    """The code printed on a form that a family brought."""

    code = forms.CharField(
        label="Код бланка",
        max_length=40,
        help_text="Напечатан рядом с QR-кодом: четыре группы по четыре знака.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class CourseField(forms.ModelChoiceField):
    def label_from_instance(self, obj: NetworkCourse) -> str:
        return f"{obj.programme.title}, {obj.programme.host.short_name}, {obj.get_form_display()}"


class PaperEntryForm(forms.Form):
    """An application on paper of a family without an account, as it is written there."""

    student: forms.ModelChoiceField[Student] = ChildField(None, label="Ребёнок")
    last_name = forms.CharField(label="Фамилия заявителя", max_length=100)
    first_name = forms.CharField(label="Имя", max_length=100)
    patronymic = forms.CharField(label="Отчество", max_length=100, required=False)
    kinship = forms.ChoiceField(label="Кем приходится ребёнку", choices=Kinship)
    basis_document = forms.CharField(
        label="Документ, подтверждающий родство", max_length=200, help_text="Вид, номер, дата; предъявлен в школе."
    )
    phone = forms.CharField(label="Телефон", max_length=30, help_text="По нему школа сообщает семье о решениях.")
    waitlist_ok = forms.TypedChoiceField(
        label="Согласие на лист ожидания",
        choices=[("yes", "да"), ("no", "нет")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "Выберите, как написано в заявлении."},
    )

    def __init__(
        self, *args: Any, pupils: QuerySet[Student], courses: QuerySet[NetworkCourse], most: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "student", queryset=pupils)
        for place in range(1, most + 1):
            label = "Курс" if place == 1 else f"Запасной курс {place - 1}"
            self.fields[f"course_{place}"] = CourseField(courses, label=label, required=place == 1, empty_label="–")

    @property
    def courses(self) -> list[int]:
        """The numbers of the courses in order; only of a valid form."""
        chosen = [self.cleaned_data[name] for name in self.fields if name.startswith("course_")]
        return [course.pk for course in chosen if course]


class PaperRegisterForm(forms.Form):
    """What the clerk has compared with the signed papers, and their scan."""

    child_ok = forms.BooleanField(label="Ребёнок на бумаге тот же", error_messages={"required": "Сверьте ребёнка."})
    courses_ok = forms.BooleanField(
        label="Курсы и их порядок на бумаге те же", error_messages={"required": "Сверьте курсы и порядок."}
    )
    signature_ok = forms.BooleanField(
        label="Подпись заявителя стоит на заявлении и на каждом согласии",
        error_messages={"required": "Проверьте подписи."},
    )
    operators = forms.TypedMultipleChoiceField(
        label="Подписанные согласия", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    signed_on = DateField(label="Дата подписи")
    received_at = MomentField(label="Когда бумага получена", help_text="С этого момента считается очередь.")
    file = ScanField(label="Скан подписанных листов", help_text="PDF, JPEG или PNG до 10 МБ.")

    def __init__(self, *args: Any, needed: Iterable[ConsentNeeded], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(need.operator.pk, need.operator.short_name) for need in needed]
        if choices:
            offer(self, "operators", choices=choices)
        else:
            del self.fields["operators"]


class LeaveForm(forms.Form):
    """The wish that the pupil leave the group."""

    last_day = DateField(label="Последний день занятий")
    reason = TextField(
        label="Причина", max_length=300, required=False, help_text="Можно не указывать. Не пишите сведений о здоровье."
    )


class PaperLeaveForm(LeaveForm):
    """The same from a paper that the family has signed."""

    signed_on = DateField(label="Дата подписи")
    scan = ScanField(label="Скан заявления", help_text="PDF, JPEG или PNG до 10 МБ.")


class LateForm(forms.Form):
    """Why a late application is accepted."""

    reason = TextField(
        label="Почему заявление принимают после срока",
        max_length=500,
        help_text="Её увидит семья. Не пишите сведений о здоровье.",
        error_messages={"required": "Укажите причину."},
    )


class ReasonForm(forms.Form):
    reason = TextField(
        label="Причина",
        max_length=500,
        help_text="Её увидит семья. Не пишите сведений о здоровье.",
        error_messages={"required": "Укажите причину."},
    )


class ReturnForm(forms.Form):
    """The director's reason for not signing."""

    reason = TextField(
        label="Причина",
        max_length=500,
        help_text="Её увидят те, кто готовил документ.",
        error_messages={"required": "Укажите причину."},
    )


class RequestCreateForm(forms.Form):
    host: forms.ModelChoiceField[Organisation] = forms.ModelChoiceField(None)
    year = forms.IntegerField(min_value=2000, max_value=2100)

    def __init__(self, *args: Any, hosts: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Organisation]", self.fields["host"]).queryset = hosts


class RequestAddForm(forms.Form):
    applications = forms.TypedMultipleChoiceField(
        coerce=int,
        error_messages={
            "required": "Отметьте хотя бы одного обучающегося.",
            "invalid_choice": "Состав принятых заявлений изменился. Отметьте заново.",
        },
    )

    def __init__(self, *args: Any, candidates: Iterable[Candidate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["applications"]).choices = [
            (one.application.pk, one.application.student.full_name) for one in candidates
        ]


class SeenForm(forms.Form):
    """The answer to a line that the page showed: another one meanwhile is told."""

    seen = forms.ChoiceField(choices=LineDecision, widget=forms.HiddenInput)

    def clean_seen(self) -> LineDecision:
        return LineDecision(self.cleaned_data["seen"])


class LineAcceptForm(SeenForm):
    group: forms.ModelChoiceField[StudyGroup] = forms.ModelChoiceField(
        None, label="Группа", error_messages={"invalid_choice": "Выберите группу этого курса."}
    )

    def __init__(self, *args: Any, groups: QuerySet[StudyGroup], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[StudyGroup]", self.fields["group"]).queryset = groups


class LineRefuseForm(SeenForm):
    reason = TextField(label="Причина отказа", max_length=500, error_messages={"required": "Укажите причину отказа."})


class OrderForm(forms.Form):
    group: forms.ModelChoiceField[StudyGroup] = GroupField(None, label="Группа", empty_label=None)
    date_from = DateField(label="Зачислить с")
    date_to = DateField(label="По", help_text="По умолчанию срок курса.")

    def __init__(self, *args: Any, groups: QuerySet[StudyGroup], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[StudyGroup]", self.fields["group"]).queryset = groups


# --- orders of both schools, mappings, dates ----------------------------------------------------------------------


class DutyField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Duty) -> str:
        return f"{obj.user.full_name}, {obj.get_kind_display()}"


class OrganiseForm(forms.Form):
    """T04: who answers for the work, who accompanies the pupils, from when to when."""

    responsible: forms.ModelChoiceField[Duty] = DutyField(
        None, label="Ответственный за сетевое взаимодействие", empty_label=None
    )
    curator: forms.ModelChoiceField[Duty] = DutyField(
        None,
        label="Учитель-куратор",
        empty_label=None,
        error_messages={"required": "Назначьте куратора в разделе «Полномочия»."},
    )
    date_from = DateField(label="Обучение с")
    date_to = DateField(label="По")
    escort = forms.CharField(
        label="Сопровождающий при выезде",
        max_length=200,
        required=False,
        help_text="В винительном падеже, как в приказе: «Иванову Анну Петровну». Пусто, если выезда нет.",
    )

    def __init__(self, *args: Any, responsible: QuerySet[Duty], curators: QuerySet[Duty], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Duty]", self.fields["responsible"]).queryset = responsible
        cast("forms.ModelChoiceField[Duty]", self.fields["curator"]).queryset = curators


def _pupil_label(enrolment: Enrolment) -> str:
    return f"{enrolment.student.full_name}, {enrolment.student.school_class}: {enrolment.course.programme.title}"


class PupilsField(forms.TypedMultipleChoiceField):
    """Ticks of pupils; nobody need be ticked."""

    def __init__(self, label: str) -> None:
        super().__init__(label=label, coerce=int, required=False, widget=forms.CheckboxSelectMultiple, error_messages={
            "invalid_choice": "Список изменился. Обновите страницу и отметьте заново.",
        })  # fmt: skip


class HomeChangeForm(forms.Form):
    """What the home school's order changes in its T04; an empty field changes nothing."""

    added = PupilsField("Включить в список")
    leaving = PupilsField("Исключить из списка")
    last_day = DateField(label="Последний день тех, кто исключается без заявления семьи", required=False)
    responsible: forms.ModelChoiceField[Duty] = DutyField(
        None, label="Другой ответственный", required=False, empty_label="без изменений"
    )
    curator: forms.ModelChoiceField[Duty] = DutyField(
        None, label="Другой учитель-куратор", required=False, empty_label="без изменений"
    )
    date_to = DateField(label="Другой последний день обучения", required=False)
    escort = forms.CharField(
        label="Другой сопровождающий", max_length=200, required=False, help_text="В винительном падеже."
    )
    ground = forms.CharField(
        label="Основание", max_length=500, required=False, help_text="Пусто: причины из строк приказа."
    )

    def __init__(
        self,
        *args: Any,
        added: Iterable[Enrolment],
        exits: Iterable[HomeExit],
        responsible: QuerySet[Duty],
        curators: QuerySet[Duty],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["added"]).choices = [(one.pk, _pupil_label(one)) for one in added]
        cast(forms.ChoiceField, self.fields["leaving"]).choices = [
            (one.enrolment.pk, f"{_pupil_label(one.enrolment)}. {_exit_words(one)}") for one in exits
        ]
        for name in ("added", "leaving"):
            if not cast(forms.ChoiceField, self.fields[name]).choices:
                del self.fields[name]
        if all(one.last_day for one in exits):
            del self.fields["last_day"]
        cast("forms.ModelChoiceField[Duty]", self.fields["responsible"]).queryset = responsible
        cast("forms.ModelChoiceField[Duty]", self.fields["curator"]).queryset = curators

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        return {"added": [], "leaving": [], "last_day": None, **data}


def _exit_words(one: HomeExit) -> str:
    words = str(one.reason.label).capitalize()
    return f"{words}, последний день {ru_day(one.last_day)}" if one.last_day else words


class HostChangeForm(forms.Form):
    """What the host's order changes in its order of enrolment."""

    leaving = PupilsField("Отчислить из группы")
    reason = forms.ChoiceField(label="Причина отчисления", required=False)
    words = forms.CharField(
        label="Пояснение к причине",
        max_length=300,
        required=False,
        help_text="Его увидят школа и семья. Не пишите сведений о здоровье.",
    )
    last_day = DateField(label="Последний день занятий отчисляемых", required=False)
    date_to = DateField(label="Другой последний день обучения для всех", required=False)
    ground = forms.CharField(label="Основание", max_length=500, required=False, help_text="Пусто: причина отчисления.")

    def __init__(self, *args: Any, members: Iterable[Enrolment], reasons: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["leaving"]).choices = [(one.pk, _pupil_label(one)) for one in members]
        cast(forms.ChoiceField, self.fields["reason"]).choices = [("", "выберите причину"), *reasons]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("leaving"):
            for name, words in (("reason", "Выберите причину отчисления."), ("last_day", "Укажите последний день.")):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, words)
        return data


class MappingForm(forms.Form):
    part = forms.CharField(
        label="Предмет или часть учебного плана",
        max_length=200,
        help_text="Как в учебном плане вашей школы: «Физика», «Курсы по выбору».",
        error_messages={"required": "Укажите предмет или часть учебного плана."},
    )
    hours = forms.IntegerField(label="Часов по учебному плану", min_value=1, max_value=2000)
    counts = forms.ChoiceField(label="Как засчитывается результат", choices=Counts, widget=forms.RadioSelect)

    def clean_counts(self) -> Counts:
        return Counts(self.cleaned_data["counts"])


class GroupDatesForm(forms.Form):
    enrol_from = DateField(label="Зачислять с", required=False, help_text="Пусто: с начала курса.")
    enrol_to = DateField(label="Зачислять по", required=False, help_text="Пусто: до конца курса.")
    last_free_exit = DateField(
        label="Выход без записи об обучении по",
        required=False,
        help_text="Кто выйдет не позже этого дня, записан «не обучался»; позже: «выбыл».",
    )


class SpecialForm(forms.Form):
    special = forms.BooleanField(required=False)


# --- forming groups -----------------------------------------------------------------------------------------------


class SeasonForm(forms.Form):
    """For which network and school year groups are formed."""

    network = forms.IntegerField(min_value=1)
    year = forms.IntegerField(min_value=2000, max_value=2100)


class VersionForm(forms.Form):
    """The version of a run that the page showed (I-5)."""

    sha256 = forms.CharField(min_length=64, max_length=64, widget=forms.HiddenInput)


class BasisForm(VersionForm):
    basis = forms.CharField(
        label="Номер и дата решения",
        max_length=200,
        help_text="Например: протокол № 3 от 25.08.2026.",
        error_messages={"required": "Укажите номер и дату решения."},
    )


class SeatForm(forms.Form):
    """A seat fixed by hand."""

    group: forms.ModelChoiceField[StudyGroup] = forms.ModelChoiceField(
        None, label="Группа", error_messages={"invalid_choice": "Выберите группу своей школы."}
    )
    reason = TextField(label="Причина", max_length=500, error_messages={"required": "Укажите причину."})

    def __init__(self, *args: Any, groups: QuerySet[StudyGroup], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[StudyGroup]", self.fields["group"]).queryset = groups


class HomeField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Agreement) -> str:
        return obj.home.short_name


class QuotaForm(forms.Form):
    """How many places an agreement sets; an empty number takes the limit away."""

    agreement: forms.ModelChoiceField[Agreement] = HomeField(None, label="Школа обучающихся", empty_label=None)
    course: forms.ModelChoiceField[NetworkCourse] = forms.ModelChoiceField(
        None, label="Курс", required=False, empty_label="все курсы вместе"
    )
    seats = forms.IntegerField(label="Мест", min_value=0, max_value=1000, required=False)

    def __init__(
        self, *args: Any, agreements: QuerySet[Agreement], courses: QuerySet[NetworkCourse], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[Agreement]", self.fields["agreement"]).queryset = agreements
        cast("forms.ModelChoiceField[NetworkCourse]", self.fields["course"]).queryset = courses
