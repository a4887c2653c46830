"""The offers to an address are asked at every home page of a family."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("schools", "0012_pupil_accounts")]

    operations = [
        migrations.AddIndex(
            model_name="pupilaccount",
            index=models.Index(
                condition=models.Q(("state", "offered")), fields=["email"], name="schools_account_offered_to"
            ),
        ),
    ]
