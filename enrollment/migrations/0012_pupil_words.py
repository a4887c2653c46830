"""By what a pupil confirmed a consent with the own account."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0011_adult_pupils")]

    operations = [
        migrations.AddField(
            model_name="pupilword",
            name="evidence",
            field=models.JSONField(blank=True, default=dict, verbose_name="чем подтверждено"),
        ),
    ]
