"""The public check of a paper; every other page about a paper belongs to the app that owns it."""

from django.urls import path

from network_portal.documents import views

urlpatterns = [
    path("check/", views.document_check_form, name="document_check_form"),
    path("check/<str:code>/", views.document_check, name="document_check"),
]
