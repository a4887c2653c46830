from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0006_two_states")]

    operations = [
        migrations.AddField(
            "schoolrequestline",
            "special",
            models.BooleanField(default=False, verbose_name="нужны особые условия"),
        ),
    ]
