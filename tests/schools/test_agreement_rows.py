"""What became of agreements that were written as texts: every word is kept, forward and back."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE, AFTER = ("schools", "0008_tripartite"), ("schools", "0010_agreement_texts_gone")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_texts_of_agreements_become_rows_and_texts_again() -> None:
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        old = MigrationExecutor(connection).migrate([BEFORE]).apps
        school = old.get_model("schools", "Organisation")
        home, host = (school.objects.create(full_name=name, short_name=name) for name in ("Школа А", "Школа Б"))
        network = old.get_model("schools", "Network").objects.create(name="Сеть")
        texts = {
            "subject": "Физика вокруг нас, 34 часа",
            "duties": "Вести журнал\nНазначить куратора",
            "resources": "Лаборатория",
            "funding": "Каждая сторона за счёт своих средств.",
        }
        rest = {"safety": "Кто сопровождает", "issued_documents": "Справка"}
        days = {"date_from": date(2026, 9, 1), "date_to": date(2028, 8, 31)}
        for state in ("signed", "signing"):
            old.get_model("schools", "Agreement").objects.create(
                network=network, home=home, host=host, state=state, **texts, **rest, **days
            )

        new = MigrationExecutor(connection).migrate([AFTER]).apps.get_model("schools", "Agreement")
        signed, draft = new.objects.order_by("pk")
        condition = signed.conditions.get()
        assert (condition.home_id, condition.host_id, condition.programme) == (home.pk, host.pk, texts["subject"])
        assert (condition.year_from, condition.year_to, condition.seats) == (2026, 2027, None)
        assert [row.what for row in signed.duties.order_by("pk")] == ["Вести журнал", "Назначить куратора"]
        assert [row.what for row in signed.resources.all()] == ["Лаборатория"]
        assert (signed.funding_mode, signed.safety, signed.state) == ("own", "Кто сопровождает", "signed")
        assert (draft.state, draft.document_id) == ("draft", None)

        MigrationExecutor(connection).migrate([BEFORE])
        again = old.get_model("schools", "Agreement").objects.order_by("pk").first()
        assert (again.subject, again.duties, again.resources) == (
            texts["subject"],
            texts["duties"],
            texts["resources"],
        )
        assert again.funding == "каждая сторона за счёт своих средств"
    finally:
        MigrationExecutor(connection).migrate(leaves)
