from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0005_lifecycle")]

    operations = [
        migrations.AddIndex(
            model_name="documentversion",
            index=models.Index(fields=["sha256"], name="documents_version_sha256"),
        ),
    ]
