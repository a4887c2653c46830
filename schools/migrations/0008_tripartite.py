from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("schools", "0007_duty_offers")]

    operations = [
        migrations.AddField(
            "network",
            "tripartite",
            models.BooleanField(
                default=False,
                help_text="Без подписей принимающей школы, школы обучающегося и родителя зачислить нельзя.",
                verbose_name="нужен трёхсторонний договор с семьёй",
            ),
        ),
    ]
