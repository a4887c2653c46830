"""A file with pupils: its bytes, columns and rows, what saving would change, and the saving itself."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook
from pytest_django import DjangoAssertNumQueries

from network_portal.audit.models import AuditEntry
from network_portal.common.errors import RuleError, StaleError
from network_portal.outbox.models import OutboxEvent
from network_portal.outbox.services import deliver
from schools.enums import DutyKind, ImportState, Verb
from schools.imports import columns, reading, rows
from schools.imports.reading import check_file, read_table, safe_name
from schools.models import ExpectedGuardian, FormerPlace, PupilImport, SchoolClass, Student
from schools.services.imports import import_cancel, import_confirm, import_receive, import_refresh
from schools.services.pupils import student_leave, student_move
from tests.factories.schools import DutyFactory, SchoolClassFactory, StudentFactory, acting_as, sign_in
from tests.schools.conftest import World

AT = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
HEAD = ("ФИО", "Дата рождения", "Класс", "Родитель", "Эл. почта родителя")
IVAN = ("Петров Иван Алексеевич", "17.05.2010", "10 А", "Петрова Мария Олеговна", "Mama@demo.example")
ANNA = ("Ёлкина Анна Ивановна", "2011-03-02", "9Б", "", "")


def workbook(*lines: Sequence[object]) -> bytes:
    book = Workbook()
    for line in lines:
        book.active.append(list(line))
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv_of(*lines: Sequence[str], separator: str = ";", encoding: str = "utf-8") -> bytes:
    return "\r\n".join(separator.join(line) for line in lines).encode(encoding)


def refuse(content: bytes) -> None:
    check_file(content)
    columns.find_columns(read_table(content))


def refusal_of(content: bytes) -> str:
    with pytest.raises(RuleError) as refusal:
        refuse(content)
    return refusal.value.message


def work(at: datetime = AT) -> None:
    """Do what waits in the outbox, as the worker would."""
    for pk in OutboxEvent.objects.open().values_list("pk", flat=True):
        deliver(event_id=pk, at=at)


def read(world: World, content: bytes, at: datetime = AT) -> PupilImport:
    received = import_receive(actor=acting_as(world.home_deputy), year=2026, name="список.xlsx", content=content, at=at)
    work(at)
    received.refresh_from_db()
    return received


def save(world: World, found: PupilImport, **wishes: object) -> PupilImport:
    import_confirm(actor=acting_as(world.home_deputy), pupil_import=found, seen=found.digest, at=AT, **wishes)
    work()
    found.refresh_from_db()
    return found


def names(world: World) -> list[tuple[str, str]]:
    pupils = Student.objects.filter(home_school=world.home).select_related("school_class").order_by("sort_key")
    return [(pupil.short_name.replace("\xa0", " "), str(pupil.school_class).replace("\xa0", " ")) for pupil in pupils]


# --- bytes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_csv_of_any_encoding_and_separator_is_read_alike(encoding: str, separator: str) -> None:
    content = csv_of(HEAD, IVAN, ANNA, separator=separator, encoding=encoding)
    check_file(content)
    assert [line.cells for line in read_table(content).lines] == [HEAD, IVAN, ANNA]


def test_file_names_with_folders_and_markup_are_harmless() -> None:
    given = ["..\\..\\boot.ini", "../../etc/passwd", "a<b>\x00\x1b.xlsx", ""]
    assert [safe_name(name) for name in given] == ["boot.ini", "passwd", "a<b>.xlsx", "файл"]


def package(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def with_member(name: str, content: bytes) -> bytes:
    out = io.BytesIO(workbook(HEAD, IVAN))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def encrypted() -> bytes:
    content = bytearray(workbook(HEAD, IVAN))
    place = content.rindex(b"PK\x01\x02")
    content[place + 8] |= 1
    return bytes(content)


def merged() -> bytes:
    book = Workbook()
    for line in (("Список классов",), HEAD, IVAN, ANNA):
        book.active.append(list(line))
    book.active.merge_cells("A1:E1")
    book.active.merge_cells("C3:C4")
    return saved(book)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda: b"", "Файл пуст"),
        (lambda: b" \r\n", "Файл пуст"),
        (lambda: b"a" * (reading.LARGEST_FILE + 1), "больше 10 МБ"),
        (lambda: b"%PDF-1.7\n%\xe2\xe3", "файл «pdf»"),
        (lambda: b"\x89PNG\r\n\x1a\n" + b"\x00" * 30, "файл «png»"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "защищён паролем"),
        (lambda: b"\x00\x01\x02" * 50, "это не таблица"),
        (lambda: package(word__document=b"<w/>"), "архив или документ другого вида"),
        (lambda: b"PK\x03\x04broken", "повреждён"),
        (encrypted, "защищён паролем"),
        (lambda: with_member("xl/vbaProject.bin", b"macro"), "макросы"),
        (lambda: with_member("xl/media/a.bin", b"\x00" * 30_000_000), "велик после распаковки"),
        (lambda: with_member("xl/media/a.bin", bytes(range(256)) * 250_000), "велик после распаковки"),
        (merged, "объединённые ячейки: C3:C4"),
        (lambda: workbook(HEAD), "только заголовок"),
        (lambda: workbook(("Продукт", "Цена"), ("Хлеб", 45)), "ни одного знакомого столбца"),
        (lambda: workbook(("ФИО", "Класс"), ("Петров Иван", "9А")), "не хватает: «Дата рождения»"),
        (lambda: workbook((*HEAD, "Ф.И.О. ученика"), IVAN), "значат одно и то же"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused_with_what_to_do(content: Callable[[], Any], words: str) -> None:
    assert words.lower() in refusal_of(content()).lower()


def test_hundred_thousand_rows_are_refused() -> None:
    content = csv_of(HEAD, *([("Петров Иван", "17.05.2010", "9А", "", "")] * 100_000))
    assert "больше 10 000 строк" in refusal_of(content).replace("\xa0", " ")


def test_entities_of_hostile_xml_are_refused() -> None:
    source = zipfile.ZipFile(io.BytesIO(workbook(HEAD, IVAN)))
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for item in source.infolist():
            archive.writestr(item, bomb if "sheet1" in item.filename else source.read(item))
    assert "повреждён" in refusal_of(out.getvalue())


# --- columns and rows -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("Ф.И.О. обучающегося", "full_name"), ("Фамилия, имя, отчество", "full_name"), ("ФАМИЛИЯ", "last_name"),
        ("Отчество (при наличии)", "patronymic"), ("Д.р.", "birth_date"), ("Дата рождения*", "birth_date"),
        ("Параллель", "grade"), ("Литера", "letter"), ("Класс", "class"), ("Пол", "gender"),
        ("Родитель", "parent.1"), ("Законный представитель", "parent.1"), ("ФИО родителя 2", "parent.2"),
        ("Мать", "parent.mother"), ("Отец", "parent.father"), ("Телефон матери", "phone.mother"),
        ("E-mail родителя", "email.1"), ("Эл. почта родителя 2", "email.2"), ("Телефон", "phone.1"),
        ("СНИЛС", None), ("Телефон ученика", None), ("Адрес", None), ("Паспорт родителя", None),
        ("Место работы матери", None), ("Степень родства", None), ("Имя родителя", None), ("Национальность", None),
    ],
)  # fmt: skip
def test_column_is_found_by_its_synonyms_and_least_data_are_taken(title: str, field: str | None) -> None:
    assert columns.meaning_of(title) == field


@pytest.mark.parametrize(
    ("text", "day"),
    [("02.09.2012", date(2012, 9, 2)), ("2.9.2012", date(2012, 9, 2)), ("2012-09-02", date(2012, 9, 2)),
     ("2012-09-02 00:00:00", date(2012, 9, 2)), ("41154", date(2012, 9, 2))],
)  # fmt: skip
def test_birth_date_is_read_in_its_forms(text: str, day: date) -> None:
    assert rows.parse_day(text) == day


@pytest.mark.parametrize(
    ("text", "words"), [("02.09.12", "год из двух цифр"), ("31.02.2012", "такого дня"), ("осенью", "это не дата")]
)
def test_birth_date_that_is_none_is_refused_with_the_reason(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        rows.parse_day(text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("10А", (10, "А")), ("10 а", (10, "А")), ("10-А", (10, "А")), ("10 «А»", (10, "А")), ("9 класс Б", (9, "Б")),
     ("10A", (10, "А")), ("11 медицинский", (11, "МЕДИЦИНСКИЙ")), ("12А", None), ("А", None), ("10", None)],
)  # fmt: skip
def test_class_is_read_in_its_forms(text: str, wanted: tuple[int, str] | None) -> None:
    row = rows.read_row(2, {"full_name": "Петров Иван", "birth_date": "17.05.2010", "class": text}, AT.date())
    assert (row.pupil and (row.pupil.grade, row.pupil.letter)) == wanted


def test_row_says_everything_that_is_wrong_with_it_at_once() -> None:
    cells = {"full_name": "Petrov", "birth_date": "17.05.10", "class": "пятый", "parent.1": "Мама", "email.1": "нет"}
    row = rows.read_row(7, cells, AT.date())
    assert [reason.split(":")[0].split("«")[0].strip() for reason in row.reasons] == [
        "Не указаны фамилия и имя.", "Дата рождения", "Класс", "Родитель", "Адрес",
    ]  # fmt: skip


def test_formula_is_a_text_and_its_row_is_rejected() -> None:
    content = workbook(HEAD, ('=HYPERLINK("http://x","Петров Иван")', "17.05.2010", "10А", "", ""))
    line = read_table(content).lines[1]
    row = rows.read_row(2, rows.cells_of(line, columns.find_columns(read_table(content))), AT.date())
    assert (row.pupil, "формула" in row.reasons[0]) == (None, True)


# --- preview and saving -----------------------------------------------------------------------------------------


def test_what_the_preview_showed_is_saved_and_sent_again_changes_nothing(world: World) -> None:
    content = workbook(HEAD, ("Петров Иван Алексеевич", date(2010, 5, 17), "10 А", *IVAN[3:]), ANNA)
    found = read(world, content)
    assert (found.state, found.counts) == (
        ImportState.READY, {"new": 2, "move": 0, "back": 0, "rejected": 0, "same": 0, "parents": 1},
    )  # fmt: skip
    assert Student.objects.count() == SchoolClass.objects.count() == 0
    save(world, found)
    assert found.state == ImportState.SAVED
    assert names(world) == [("Ёлкина А. И.", "9 «Б»"), ("Петров И. А.", "10 «А»")]
    assert ExpectedGuardian.objects.values_list("name", "email").get() == (
        "Петрова Мария Олеговна", "mama@demo.example",
    )  # fmt: skip
    assert AuditEntry.objects.filter(verb=Verb.STUDENT_ADDED).count() == 2
    assert AuditEntry.objects.filter(verb=Verb.IMPORT_SAVED).count() == 1
    again = save(world, read(world, content))
    assert {name: again.counts[name] for name in ("created", "moved", "classes", "same")} == {
        "created": 0, "moved": 0, "classes": 0, "same": 2,
    }  # fmt: skip
    assert (Student.objects.count(), ExpectedGuardian.objects.count(), again.content, again.rows) == (2, 1, None, [])


def test_namesake_of_another_birthday_is_another_pupil_shown_with_second_identifiers(world: World) -> None:
    StudentFactory(
        home_school=world.home, last_name="Петров", first_name="Иван", patronymic="Алексеевич",
        birth_date=date(2012, 1, 2), school_class=SchoolClassFactory(organisation=world.home, grade=8, letter="В"),
    )  # fmt: skip
    found = read(world, workbook(HEAD, IVAN))
    row = found.plan["rows"][0]
    assert (row["kind"], [note.replace("\xa0", " ") for note in row["notes"]]) == (
        "new", ["Тёзка в школе: Петров Иван Алексеевич, 8 «В», 02.01.2012"],
    )  # fmt: skip
    save(world, found)
    assert Student.objects.count() == 2


def test_same_pupil_twice_in_the_file_is_an_error_of_both_rows(world: World) -> None:
    found = read(world, workbook(HEAD, IVAN, (IVAN[0].upper(), "2010-05-17", "9Б", "", ""), ANNA))
    assert [(row["kind"], "строки 2, 3" in " ".join(row["reasons"])) for row in found.plan["rows"]] == [
        ("rejected", True), ("rejected", True), ("new", False),
    ]  # fmt: skip


def test_other_patronymic_with_the_same_birthday_is_not_decided_by_the_portal(world: World) -> None:
    StudentFactory(
        home_school=world.home, last_name="Петров", first_name="Иван", patronymic="", birth_date=date(2010, 5, 17)
    )
    found = read(world, workbook(HEAD, IVAN))
    assert (found.plan["rows"][0]["kind"], "отличается только отчество" in found.plan["rows"][0]["reasons"][0]) == (
        "rejected", True,
    )  # fmt: skip


def test_another_class_is_a_transfer_that_only_a_tick_confirms(world: World) -> None:
    save(world, read(world, workbook(HEAD, IVAN, ANNA)))
    moved = workbook(HEAD, (*IVAN[:2], "10Б", "", ""), (*ANNA[:2], "9В", "", ""))
    found = read(world, moved)
    assert [(row["kind"], row["was"].replace("\xa0", " ")) for row in found.plan["rows"]] == [
        ("move", "10 «А»"), ("move", "9 «Б»"),
    ]  # fmt: skip
    save(world, found, chosen=[2])
    assert names(world) == [("Ёлкина А. И.", "9 «Б»"), ("Петров И. А.", "10 «Б»")]
    assert [str(former) for former in FormerPlace.objects.all()] == ["10\xa0«А», МАОУ СОШ № 7"]
    save(world, read(world, moved), all_asked=True)
    assert names(world)[0] == ("Ёлкина А. И.", "9 «В»")


def test_import_does_not_overwrite_what_was_decided_by_hand(world: World) -> None:
    content = workbook(HEAD, IVAN, ANNA)
    save(world, read(world, content))
    ivan, anna = Student.objects.get(last_name="Петров"), Student.objects.get(last_name="Ёлкина")
    deputy = acting_as(world.home_deputy)
    other = SchoolClassFactory(organisation=world.home, grade=10, letter="Щ")
    student_move(actor=deputy, student=ivan, school_class=other, on=AT.date(), basis="Приказ № 3", at=AT)
    student_leave(actor=deputy, student=anna, on=AT.date(), basis="Приказ № 4", at=AT)
    found = save(world, read(world, content))
    ivan.refresh_from_db()
    anna.refresh_from_db()
    assert (ivan.school_class, anna.left_on) == (other, AT.date())
    assert (found.counts["asked"], found.counts["moved"]) == (2, 0)


def test_pupils_whom_the_file_does_not_name_are_listed_and_stay(world: World) -> None:
    StudentFactory(home_school=world.home, last_name="Яковлев")
    StudentFactory(home_school=world.stranger, last_name="Чужой")
    found = read(world, workbook(HEAD, IVAN))
    assert [words.split()[0] for words in found.plan["missing"]] == ["Яковлев"]
    save(world, found)
    assert Student.objects.filter(home_school=world.home).count() == 2


def test_preview_made_before_a_change_in_the_school_is_stale(world: World) -> None:
    found = read(world, workbook(HEAD, IVAN))
    StudentFactory(home_school=world.home, last_name="Петров", first_name="Иван", patronymic="Алексеевич",
                   birth_date=date(2010, 5, 17), school_class__grade=9)  # fmt: skip
    with pytest.raises(StaleError, match="данные школы изменились"):
        save(world, found)
    import_refresh(actor=acting_as(world.home_deputy), pupil_import=found, at=AT)
    work()
    found.refresh_from_db()
    assert (found.state, found.counts["new"], found.counts["move"]) == (ImportState.READY, 0, 1)
    with pytest.raises(StaleError, match="обновился"):
        import_confirm(actor=acting_as(world.home_deputy), pupil_import=found, seen="0" * 64, at=AT)


def test_change_between_confirmation_and_saving_saves_nothing(world: World) -> None:
    found = read(world, workbook(HEAD, IVAN))
    import_confirm(actor=acting_as(world.home_deputy), pupil_import=found, seen=found.digest, at=AT)
    StudentFactory(home_school=world.home, last_name="Яковлев")
    work()
    found.refresh_from_db()
    assert (found.state, Student.objects.filter(last_name="Петров").count()) == (ImportState.STALE, 0)


def test_second_file_of_the_school_replaces_the_one_that_waits(world: World) -> None:
    first = read(world, workbook(HEAD, IVAN))
    second = read(world, workbook(HEAD, ANNA))
    first.refresh_from_db()
    assert (first.state, first.rows, second.state) == (ImportState.CANCELLED, [], ImportState.READY)
    import_cancel(actor=acting_as(world.home_deputy), pupil_import=second, at=AT)
    with pytest.raises(StaleError):
        save(world, second)


def test_broken_file_is_refused_by_the_worker_in_words(world: World) -> None:
    found = read(world, with_member("xl/x.xml", b"").replace(b"workbook.xml", b"workbook.xml"))
    assert found.state == ImportState.READY
    refused = read(world, merged())
    assert (refused.state, refused.content, "объединённые ячейки" in refused.reason) == (
        ImportState.REFUSED, None, True,
    )  # fmt: skip


# --- pages --------------------------------------------------------------------------------------------------------


def post_file(client: Client, content: bytes, name: str = "список.xlsx") -> object:
    return client.post(reverse("import_list"), {"year": 2026, "file": SimpleUploadedFile(name, content)})


def test_person_sends_looks_ticks_and_saves(client: Client, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sign_in(client, world.home_deputy)
    monkeypatch.setattr("schools.forms.pupils.year_choices", lambda default: [(2026, "2026/2027")])
    answer = post_file(client, workbook(HEAD, IVAN, ("Неверный", "", "", "", "")), "<b>спи\u202eсок.xlsx")
    url = answer.headers["Location"]
    assert "Файл принят, начинаем читать" in client.get(url).text
    work(datetime.now(UTC))
    page = client.get(url, headers={"HX-Request": "true"})
    assert "<html" not in page.text
    assert "&lt;b&gt;список.xlsx" in client.get(url).text
    found = PupilImport.objects.get()
    confirm = reverse("import_confirm", args=[found.pk])
    assert client.post(confirm, {"seen": "0" * 64}).status_code == 409
    assert client.post(confirm, {"seen": found.digest}).status_code == 302
    work(datetime.now(UTC))
    assert "Новых обучающихся" in client.get(url).text
    assert names(world) == [("Петров И. А.", "10 «А»")]


def test_rejected_rows_come_back_with_reasons_and_without_formulas(client: Client, world: World) -> None:
    found = read(world, workbook(HEAD, ("=1+1", "17.05.2010", "10А", "", ""), ("Петров", "", "", "", "")))
    sign_in(client, world.home_deputy)
    answer = client.get(reverse("import_rejected", args=[found.pk]))
    assert answer["Content-Disposition"] == f'attachment; filename="ne_prinyato_{found.pk}.xlsx"'
    sheet = load_workbook(io.BytesIO(answer.content)).active
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert lines[0] == [*HEAD, "Почему строка не принята"]
    assert (lines[1][0], sheet["A2"].data_type, "формула" in lines[1][5]) == ("=1+1", "s", True)
    assert lines[2][5] == "Не указаны фамилия и имя. Не указана дата рождения. Не указан класс."


def test_sample_is_a_file_that_the_portal_reads(client: Client, world: World) -> None:
    sign_in(client, world.home_deputy)
    content = client.get(reverse("import_sample")).content
    assert refusal_of(content) == "В файле только заголовок таблицы, под ним нет ни одной строки."


def test_bad_file_is_refused_beside_its_field(client: Client, world: World) -> None:
    sign_in(client, world.home_deputy)
    answer = post_file(client, with_member("xl/vbaProject.bin", b"macro"), "список.xlsm")
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["file"]
    assert PupilImport.objects.count() == 0


def test_stranger_and_other_duties_reach_no_file(client: Client, world: World) -> None:
    found = read(world, workbook(HEAD, IVAN))
    url = reverse("import", args=[found.pk])
    sign_in(client, world.stranger_deputy)
    assert client.get(url).status_code == 404
    assert list(client.get(reverse("import_list")).context["page"]) == []
    for kind in (DutyKind.DIRECTOR, DutyKind.COORDINATOR, DutyKind.CLASS_TEACHER):
        sign_in(client, DutyFactory(organisation=world.home, kind=kind))
        assert client.get(url).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_import_pages_ask_the_same_number_of_queries(
    client: Client, world: World, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    lines = [(f"Петров Иван{letter}", "17.05.2010", "10А", "", "") for letter in "абв"[:count]]
    found = read(world, workbook(HEAD, *lines))
    sign_in(client, world.home_deputy)
    client.get(reverse("import_list"))
    with django_assert_num_queries(6):
        client.get(reverse("import_list"))
    with django_assert_num_queries(6):
        page = client.get(reverse("import", args=[found.pk]))
    assert len(page.context["page"]) == count


def test_preview_of_yesterday_is_still_valid_while_nothing_changed(world: World) -> None:
    found = read(world, workbook(HEAD, IVAN), AT - timedelta(days=1))
    assert save(world, found).state == ImportState.SAVED


def test_page_is_told_how_much_of_a_long_list_is_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    monkeypatch.setattr("schools.services.imports.BATCH", 1)
    monkeypatch.setattr("schools.services.imports.tell_written", lambda current, count: told.append(count))
    boris = ("Юрьев Борис Ильич", "2011-04-02", "9Б", "Юрьев Илья Ильич", "")
    found = save(world, read(world, csv_of(HEAD, IVAN, ANNA, boris)))
    assert (found.state, told) == (ImportState.SAVED, [1, 2, 3, 4, 5])


def test_page_of_a_file_that_is_saved_shows_a_bar(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schools.pupils.cache.get", lambda key, default: 1)
    found = read(world, csv_of(HEAD, IVAN, ANNA))
    import_confirm(actor=acting_as(world.home_deputy), pupil_import=found, seen=found.digest, at=AT)
    page = sign_in(client, world.home_deputy).get(reverse("import", args=[found.pk])).text
    assert ('value="1" max="3"' in page, "Записано 1 из 3" in page) == (True, True)
