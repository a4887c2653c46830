from django.urls import path

from gradebook import views

urlpatterns = [
    path("journals/", views.journal_list, name="journal_list"),
    path("journals/<int:group_id>/", views.journal, name="journal"),
    path("journals/<int:group_id>/cell/", views.journal_cell, name="journal_cell"),
    path("journals/<int:group_id>/plan/", views.journal_plan, name="journal_plan"),
    path("lessons/today/", views.lesson_today, name="lesson_today"),
    path("lessons/<int:pk>/", views.lesson, name="lesson"),
    path("lessons/<int:pk>/cancel/", views.lesson_cancel, name="lesson_cancel"),
    path("lessons/<int:pk>/restore/", views.lesson_restore, name="lesson_restore"),
    path("diary/", views.diary, name="diary"),
    path("transfers/", views.transfer_list, name="transfer_list"),
    path("transfers/seal/", views.transfer_seal, name="transfer_seal"),
    path("transfers/seal-all/", views.transfer_seal_all, name="transfer_seal_all"),
    path("transfers/endpoint/", views.push_endpoint, name="push_endpoint"),
    path("transfers/endpoint/rotate/", views.push_endpoint_rotate, name="push_endpoint_rotate"),
    path("transfers/endpoint/remove/", views.push_endpoint_remove, name="push_endpoint_remove"),
    path("transfers/<int:pk>/", views.transfer, name="transfer"),
    path("transfers/<int:pk>/pdf/", views.transfer_pdf, name="transfer_pdf"),
    path("transfers/<int:pk>/json/", views.transfer_json, name="transfer_json"),
    path("transfers/<int:pk>/acknowledge/", views.transfer_acknowledge, name="transfer_acknowledge"),
    path("transfers/<int:pk>/push-retry/", views.transfer_push_retry, name="transfer_push_retry"),
]
