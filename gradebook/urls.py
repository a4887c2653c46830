from django.urls import path

from gradebook.views import diary, endpoints, journal, lessons, transfers

urlpatterns = [
    path("journals/", journal.journal_list, name="journal_list"),
    path("journals/<int:group_id>/", journal.journal, name="journal"),
    path("journals/<int:group_id>/cell/", journal.journal_cell, name="journal_cell"),
    path("journals/<int:group_id>/plan/", journal.journal_plan, name="journal_plan"),
    path("lessons/today/", lessons.lesson_today, name="lesson_today"),
    path("lessons/<int:pk>/", lessons.lesson, name="lesson"),
    path("lessons/<int:pk>/cancel/", lessons.lesson_cancel, name="lesson_cancel"),
    path("lessons/<int:pk>/restore/", lessons.lesson_restore, name="lesson_restore"),
    path("diary/", diary.diary, name="diary"),
    path("transfers/", transfers.transfer_list, name="transfer_list"),
    path("transfers/seal/", transfers.transfer_seal, name="transfer_seal"),
    path("transfers/seal-all/", transfers.transfer_seal_all, name="transfer_seal_all"),
    path("transfers/endpoint/", endpoints.push_endpoint, name="push_endpoint"),
    path("transfers/endpoint/rotate/", endpoints.push_endpoint_rotate, name="push_endpoint_rotate"),
    path("transfers/endpoint/remove/", endpoints.push_endpoint_remove, name="push_endpoint_remove"),
    path("transfers/<int:pk>/", transfers.transfer, name="transfer"),
    path("transfers/<int:pk>/pdf/", transfers.transfer_pdf, name="transfer_pdf"),
    path("transfers/<int:pk>/json/", transfers.transfer_json, name="transfer_json"),
    path("transfers/<int:pk>/acknowledge/", transfers.transfer_acknowledge, name="transfer_acknowledge"),
    path("transfers/<int:pk>/push-retry/", transfers.transfer_push_retry, name="transfer_push_retry"),
]
