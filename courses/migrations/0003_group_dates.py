from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("courses", "0002_references")]

    operations = [
        migrations.AddField(
            "studygroup", "enrol_from", models.DateField(blank=True, null=True, verbose_name="зачисление с")
        ),
        migrations.AddField(
            "studygroup", "enrol_to", models.DateField(blank=True, null=True, verbose_name="зачисление по")
        ),
        migrations.AddField(
            "studygroup",
            "last_free_exit",
            models.DateField(blank=True, null=True, verbose_name="можно выйти без записи об обучении по"),
        ),
        migrations.AddField("studygroup", "closed_on", models.DateField(blank=True, null=True, verbose_name="закрыта")),
        migrations.AddConstraint(
            "studygroup",
            models.CheckConstraint(
                condition=Q(enrol_from=None) | Q(enrol_to=None) | Q(enrol_to__gte=F("enrol_from")),
                name="courses_group_enrol_period",
                violation_error_message="Последний день зачисления раньше первого.",
            ),
        ),
    ]
