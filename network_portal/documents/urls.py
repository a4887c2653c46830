"""The public check of a paper and the kinds of papers; every other page about a paper belongs to the owning app."""

from django.urls import path

from network_portal.documents import views, views_signing

urlpatterns = [
    path("signing/code/", views_signing.signing_code, name="signing_code"),
    path("check/", views.document_check_form, name="document_check_form"),
    path("check/number/", views.document_check_number, name="document_check_number"),
    path("check/<str:code>/", views.document_check, name="document_check"),
    path("check/<str:code>/file/", views.document_check_file, name="document_check_file"),
    path("document-kinds/", views.document_kind_list, name="document_kind_list"),
]
