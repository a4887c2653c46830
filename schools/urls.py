from django.urls import path

from schools import views

urlpatterns = [
    path("", views.index, name="index"),
    path("public/agreements/", views.agreement_public_list, name="agreement_public_list"),
    path("acting/", views.acting_switch, name="acting_switch"),
    path("children/", views.child_list, name="child_list"),
    path("children/claims/new/", views.guardian_claim_create, name="guardian_claim_create"),
    path("guardians/", views.guardian_claim_list, name="guardian_claim_list"),
    path("guardians/<int:pk>/", views.guardian_claim, name="guardian_claim"),
    path("guardians/<int:pk>/verify/", views.guardian_claim_verify, name="guardian_claim_verify"),
    path("guardians/<int:pk>/refuse/", views.guardian_claim_refuse, name="guardian_claim_refuse"),
    path("guardians/<int:pk>/end/", views.guardian_link_end, name="guardian_link_end"),
    path("duties/", views.duty_list, name="duty_list"),
    path("duties/<int:pk>/end/", views.duty_end, name="duty_end"),
    path("agreements/", views.agreement_list, name="agreement_list"),
    path("agreements/new/", views.agreement_create, name="agreement_create"),
    path("agreements/<int:pk>/", views.agreement, name="agreement"),
    path("agreements/<int:pk>/edit/", views.agreement_edit, name="agreement_edit"),
    path("agreements/<int:pk>/pdf/", views.agreement_pdf, name="agreement_pdf"),
    path("agreements/<int:pk>/send/", views.agreement_send, name="agreement_send"),
    path("agreements/<int:pk>/sign/", views.agreement_sign, name="agreement_sign"),
    path("agreements/<int:pk>/refuse/", views.agreement_refuse, name="agreement_refuse"),
    path("agreements/<int:pk>/suspend/", views.agreement_decide, {"what": "suspend"}, name="agreement_suspend"),
    path("agreements/<int:pk>/resume/", views.agreement_decide, {"what": "resume"}, name="agreement_resume"),
    path("agreements/<int:pk>/end/", views.agreement_decide, {"what": "end"}, name="agreement_end"),
]
