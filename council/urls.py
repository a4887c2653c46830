"""Addresses of the council; the gate shows each person the one council in which the duty acted in sits."""

from __future__ import annotations

from django.urls import path

from council import views

urlpatterns = [
    path("council/", views.council, name="council"),
    path("meetings/", views.meeting_list, name="meeting_list"),
    path("meetings/new/", views.meeting_create, name="meeting_create"),
    path("meetings/<int:pk>/", views.meeting, name="meeting"),
    path("meetings/<int:pk>/open/", views.meeting_open, name="meeting_open"),
    path("meetings/<int:pk>/arrive/", views.meeting_arrive, name="meeting_arrive"),
    path("meetings/<int:pk>/leave/", views.meeting_leave, name="meeting_leave"),
    path("meetings/<int:pk>/presiding/", views.meeting_presiding, name="meeting_presiding"),
    path("meetings/<int:pk>/end/", views.meeting_end, name="meeting_end"),
    path("meetings/<int:pk>/not-held/", views.meeting_not_held, name="meeting_not_held"),
    path("meetings/<int:pk>/items/new/", views.item_create, name="item_create"),
    path("meetings/<int:pk>/items/<int:item_pk>/remove/", views.item_remove, name="item_remove"),
    path("meetings/<int:pk>/items/<int:item_pk>/vote/", views.item_vote, name="item_vote"),
    path("meetings/<int:pk>/items/<int:item_pk>/heard/", views.item_heard, name="item_heard"),
    path("meetings/<int:pk>/minutes/submit/", views.minutes_submit, name="minutes_submit"),
    path("meetings/<int:pk>/minutes/sign/", views.minutes_sign, name="minutes_sign"),
    path("meetings/<int:pk>/minutes/return/", views.minutes_return, name="minutes_return"),
    path("meetings/<int:pk>/minutes.pdf", views.minutes_pdf, name="minutes_pdf"),
]
