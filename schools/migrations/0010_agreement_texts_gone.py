"""The texts that became rows; an empty default lets the columns come back."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("schools", "0009_agreement_conditions"),
    ]

    operations = [
        migrations.AlterField("agreement", "old_subject", models.TextField(blank=True, default="")),
        migrations.AlterField("agreement", "old_duties", models.TextField(blank=True, default="")),
        migrations.AlterField("agreement", "old_resources", models.TextField(blank=True, default="")),
        migrations.AlterField("agreement", "old_funding", models.TextField(blank=True, default="")),
        migrations.RemoveField("agreement", "old_subject"),
        migrations.RemoveField("agreement", "old_duties"),
        migrations.RemoveField("agreement", "old_resources"),
        migrations.RemoveField("agreement", "old_funding"),
    ]
