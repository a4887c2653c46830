"""Files of classes, pupils and parents."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models

from network_portal.common.models import choices_check
from schools.enums import IMPORT_TRANSITIONS, ImportState, Role
from schools.models.organisations import Organisation

if TYPE_CHECKING:
    from schools.acting import Acting


class PupilImportQuerySet(models.QuerySet["PupilImport"]):
    def visible_to(self, acting: Acting) -> PupilImportQuerySet:
        """The files of the own school, for those who keep its list of pupils."""
        if not acting.is_(Role.DEPUTY, Role.RESPONSIBLE):
            return self.none()
        return self.filter(organisation=acting.organisation_id)


class PupilImport(models.Model):
    """A file with classes, pupils and parents: read by the worker, looked at by a person, then saved as it was seen.

    Of the file only the columns that the portal needs are kept, and after the end only the rejected rows (L-3).
    """

    TRANSITIONS: ClassVar = IMPORT_TRANSITIONS

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="школа")
    year = models.PositiveSmallIntegerField("учебный год")
    file_name = models.CharField("файл", max_length=100)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="кто загрузил"
    )
    created_at = models.DateTimeField("загружен")
    state = models.CharField("состояние", max_length=20, choices=ImportState, default=ImportState.READING)
    content = models.BinaryField("содержимое до чтения", null=True)
    columns = models.JSONField("столбцы", default=dict)
    rows = models.JSONField("строки файла", default=list)
    plan = models.JSONField("что изменится", default=dict)
    stamp = models.CharField("отпечаток данных школы", max_length=32, blank=True)
    digest = models.CharField("отпечаток предпросмотра", max_length=64, blank=True)
    chosen = models.JSONField("отмеченные строки", default=list)
    counts = models.JSONField("итоги", default=dict)
    rounds = models.PositiveSmallIntegerField("сколько раз читали", default=0)
    rows_read = models.PositiveIntegerField("строк прочитано", default=0)
    reason = models.CharField("почему не принят", max_length=500, blank=True)
    finished_at = models.DateTimeField("завершён", null=True)

    objects = PupilImportQuerySet.as_manager()

    class Meta:
        verbose_name = "загрузка обучающихся"
        verbose_name_plural = "загрузки обучающихся"
        ordering = ["-created_at", "-pk"]
        constraints = [choices_check("state", ImportState, name="schools_import_state")]

    def __str__(self) -> str:
        return self.file_name
