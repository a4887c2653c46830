"""Pupils' own accounts."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0011_adult_pupils"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PupilAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(max_length=254, verbose_name="электронная почта")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("offered", "ждёт обучающегося"),
                            ("taken", "действует"),
                            ("ended", "прекращена"),
                        ],
                        default="offered",
                        max_length=20,
                        verbose_name="состояние",
                    ),
                ),
                ("offered_at", models.DateTimeField(verbose_name="предложена")),
                (
                    "misses",
                    models.PositiveSmallIntegerField(default=0, verbose_name="названа другая дата рождения, раз"),
                ),
                ("taken_at", models.DateTimeField(null=True, verbose_name="принята")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="прекращена")),
                ("reason", models.CharField(blank=True, max_length=300, verbose_name="причина прекращения")),
                (
                    "offered_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="кто предложил",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="schools.organisation",
                        verbose_name="школа",
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="accounts",
                        to="schools.student",
                        verbose_name="обучающийся",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pupil_accounts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="чья",
                    ),
                ),
            ],
            options={
                "verbose_name": "учётная запись обучающегося",
                "verbose_name_plural": "учётные записи обучающихся",
                "ordering": ["-offered_at", "-pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["offered", "taken", "ended"])),
                        name="schools_account_state",
                        violation_error_message="Недопустимое значение.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "taken"), _negated=True),
                            models.Q(("taken_at__isnull", False), ("user__isnull", False)),
                            _connector="OR",
                        ),
                        name="schools_account_taken_by",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "ended"), _negated=True),
                        fields=("student",),
                        name="schools_account_once",
                        violation_error_message="У этого обучающегося уже есть учётная запись или приглашение.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "taken")),
                        fields=("user",),
                        name="schools_account_of_one_pupil",
                        violation_error_message="Этот человек уже входит на портал как другой обучающийся.",
                    ),
                ],
            },
        ),
    ]
