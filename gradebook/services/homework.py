"""Files of the homework: looked at before they are kept, never shown to the public."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from gradebook.enums import LessonState, Verb
from gradebook.models import HomeworkFile, Lesson
from gradebook.services.lessons import lock_lesson
from network_portal.audit.services import record
from network_portal.common.errors import RuleError, StaleError
from network_portal.documents.handouts import check_handout
from network_portal.documents.services import file_keep
from schools.acting import Acting

MOST_FILES = 5


@transaction.atomic
def homework_file_add(*, actor: Acting, lesson: Lesson, name: str, content: bytes, at: datetime) -> HomeworkFile:
    """Attach a file to the homework of a lesson.

    Args:
        actor: who fills the lesson.
        lesson: a lesson that is not cancelled.
        name: as the browser told it.
        content: its bytes.
        at: the moment.

    Raises:
        RuleError: the file is not one that `check_handout` lets through, or there are five already.
        StaleError: the lesson is cancelled.
    """
    lesson = lock_lesson(lesson.pk)
    if lesson.state == LessonState.CANCELLED:
        raise StaleError("Занятие отменено: задание к нему не прикладывается. Обновите страницу.")
    if HomeworkFile.objects.filter(lesson=lesson, removed_at=None).count() >= MOST_FILES:
        raise RuleError(f"К заданию приложено {MOST_FILES} файлов, больше нельзя. Уберите лишний.", field="file")
    upload = check_handout(name, content)
    kept = HomeworkFile.objects.create(lesson=lesson, file=file_keep(upload=upload, by=actor.user, at=at))
    _note(Verb.HOMEWORK_FILE_ADDED, actor, kept, at)
    return kept


@transaction.atomic
def homework_file_remove(*, actor: Acting, file: HomeworkFile, at: datetime) -> None:
    """Take a file off the homework; it is kept and shown to nobody.

    Raises:
        StaleError: it was taken off meanwhile.
    """
    lock_lesson(file.lesson_id)
    if not HomeworkFile.objects.filter(pk=file.pk, removed_at=None).update(removed_at=at):
        raise StaleError("Файл уже убран. Обновите страницу.")
    _note(Verb.HOMEWORK_FILE_REMOVED, actor, file, at)


def _note(verb: Verb, actor: Acting, file: HomeworkFile, at: datetime) -> None:
    host = file.lesson.group.course.programme.host
    record(verb, actor=actor.user, organisation=host, target=file.lesson, at=at, changes={"sha256": file.file.sha256})
