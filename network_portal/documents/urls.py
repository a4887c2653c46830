"""The public check of a paper and the kinds of papers; every other page about a paper belongs to the owning app."""

from django.urls import path

from network_portal.documents.views import check, signing

urlpatterns = [
    path("signing/code/", signing.signing_code, name="signing_code"),
    path("check/", check.document_check_form, name="document_check_form"),
    path("check/number/", check.document_check_number, name="document_check_number"),
    path("check/<str:code>/", check.document_check, name="document_check"),
    path("check/<str:code>/file/", check.document_check_file, name="document_check_file"),
    path("document-kinds/", check.document_kind_list, name="document_kind_list"),
]
