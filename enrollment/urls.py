"""Addresses of enrolment."""

from django.urls import path

from enrollment.views import applications, groups, orders, requests

urlpatterns = [
    path("applications/", applications.application_list, name="application_list"),
    path("applications/new/", applications.application_create, name="application_create"),
    path("applications/<int:pk>/", applications.application, name="application"),
    path("applications/<int:pk>/courses/", applications.application_courses, name="application_courses"),
    path("applications/<int:pk>/waitlist/", applications.application_waitlist, name="application_waitlist"),
    path("applications/<int:pk>/check/", applications.application_check, name="application_check"),
    path("applications/<int:pk>/sign/", applications.application_sign, name="application_sign"),
    path("applications/<int:pk>/consents/", applications.application_consents, name="application_consents"),
    path("applications/<int:pk>/preview/", applications.application_preview, name="application_preview"),
    path("applications/<int:pk>/pdf/", applications.application_pdf, name="application_pdf"),
    path("applications/<int:pk>/withdraw/", applications.application_withdraw, name="application_withdraw"),
    path("applications/<int:pk>/accept/", applications.application_accept, name="application_accept"),
    path("applications/<int:pk>/return/", applications.application_return, name="application_return"),
    path("applications/<int:pk>/refuse/", applications.application_refuse, name="application_refuse"),
    path("consents/<int:pk>/withdraw/", applications.consent_withdraw, name="consent_withdraw"),
    path("requests/", requests.request_list, name="request_list"),
    path("requests/new/", requests.request_create, name="request_create"),
    path("requests/<int:pk>/", requests.request_page, name="request"),
    path("requests/<int:pk>/add/", requests.request_add, name="request_add"),
    path("requests/<int:pk>/submit/", requests.request_submit, name="request_submit"),
    path("requests/<int:pk>/sign/", requests.request_sign, name="request_sign"),
    path("requests/<int:pk>/return/", requests.request_return, name="request_return"),
    path("requests/<int:pk>/send/", requests.request_send, name="request_send"),
    path("requests/<int:pk>/pdf/", requests.request_pdf, name="request_pdf"),
    path("requests/<int:pk>/order/", orders.order_create, name="order_create"),
    path("requests/lines/<int:pk>/remove/", requests.request_remove, name="request_remove"),
    path("requests/lines/<int:pk>/accept/", requests.line_accept, name="line_accept"),
    path("requests/lines/<int:pk>/waitlist/", requests.line_waitlist, name="line_waitlist"),
    path("requests/lines/<int:pk>/refuse/", requests.line_refuse, name="line_refuse"),
    path("orders/<int:pk>/", orders.order_page, name="order"),
    path("orders/<int:pk>/sign/", orders.order_sign, name="order_sign"),
    path("orders/<int:pk>/return/", orders.order_return, name="order_return"),
    path("orders/<int:pk>/pdf/", orders.order_pdf, name="order_pdf"),
    path("groups/", groups.group_list, name="group_list"),
    path("groups/<int:pk>/", groups.group_page, name="group"),
    path("groups/<int:pk>/open/", groups.group_open, name="group_open"),
]
