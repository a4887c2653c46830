"""Addresses of the council; the gate shows each person the one council in which the duty acted in sits."""

from __future__ import annotations

from django.urls import path

from council import views

MEETING = "meetings/<int:pk>"
ITEM = f"{MEETING}/items/<int:item_pk>"

urlpatterns = [
    path("council/", views.council, name="council"),
    path("council/regulation/<int:no>/", views.regulation, name="regulation"),
    path("council/proposals/", views.proposal_list, name="proposal_list"),
    path("council/proposals/<int:pk>/take/", views.proposal_take, name="proposal_take"),
    path("council/proposals/<int:pk>/decline/", views.proposal_decline, name="proposal_decline"),
    path("council/opinions/<int:pk>/", views.opinion, name="opinion"),
    path("meetings/", views.meeting_list, name="meeting_list"),
    path("meetings/new/", views.meeting_create, name="meeting_create"),
    path(f"{MEETING}/", views.meeting, name="meeting"),
    path(f"{MEETING}/live/", views.meeting_live, name="meeting_live"),
    path(f"{MEETING}/screen/", views.meeting_screen, name="meeting_screen"),
    path(f"{MEETING}/screen/live/", views.meeting_screen_live, name="meeting_screen_live"),
    path(f"{MEETING}/convene/", views.meeting_convene, name="meeting_convene"),
    path(f"{MEETING}/move/", views.meeting_move, name="meeting_move"),
    path(f"{MEETING}/cancel/", views.meeting_cancel, name="meeting_cancel"),
    path(f"{MEETING}/answer/", views.meeting_answer, name="meeting_answer"),
    path(f"{MEETING}/materials/", views.material_add, name="material_add"),
    path(f"{MEETING}/materials/<int:material_pk>/", views.material, name="material"),
    path(f"{MEETING}/materials/<int:material_pk>/remove/", views.material_remove, name="material_remove"),
    path(f"{MEETING}/open/", views.meeting_open, name="meeting_open"),
    path(f"{MEETING}/arrive/", views.meeting_arrive, name="meeting_arrive"),
    path(f"{MEETING}/leave/", views.meeting_leave, name="meeting_leave"),
    path(f"{MEETING}/presiding/", views.meeting_presiding, name="meeting_presiding"),
    path(f"{MEETING}/end/", views.meeting_end, name="meeting_end"),
    path(f"{MEETING}/not-held/", views.meeting_not_held, name="meeting_not_held"),
    path(f"{MEETING}/agenda/take/", views.agenda_take, name="agenda_take"),
    path(f"{MEETING}/agenda/vote/", views.agenda_vote, name="agenda_vote"),
    path(f"{MEETING}/items/new/", views.item_create, name="item_create"),
    path(f"{ITEM}/remove/", views.item_remove, name="item_remove"),
    path(f"{ITEM}/ask/", views.opinion_ask, name="opinion_ask"),
    path(f"{ITEM}/vote/", views.item_vote, name="item_vote"),
    path(f"{ITEM}/voting/open/", views.voting_open, name="voting_open"),
    path(f"{ITEM}/voting/interrupt/", views.voting_interrupt, name="voting_interrupt"),
    path(f"{ITEM}/voting/close/", views.voting_close, name="voting_close"),
    path(f"{ITEM}/ballot/", views.ballot, name="ballot"),
    path(f"{ITEM}/heard/", views.item_heard, name="item_heard"),
    path(f"{ITEM}/dissent/", views.dissent, name="dissent"),
    path(f"{MEETING}/minutes/circulate/", views.minutes_circulate, name="minutes_circulate"),
    path(f"{MEETING}/remarks/", views.remark_add, name="remark_add"),
    path(f"{MEETING}/remarks/<int:remark_pk>/answer/", views.remark_answer, name="remark_answer"),
    path(f"{MEETING}/minutes/submit/", views.minutes_submit, name="minutes_submit"),
    path(f"{MEETING}/minutes/sign/", views.minutes_sign, name="minutes_sign"),
    path(f"{MEETING}/minutes/return/", views.minutes_return, name="minutes_return"),
    path(f"{MEETING}/minutes.pdf", views.minutes_pdf, name="minutes_pdf"),
    path("decisions/", views.decision_list, name="decision_list"),
    path("decisions/<int:pk>/", views.decision, name="decision"),
    path("decisions/<int:pk>/report/", views.execution_report, name="execution_report"),
    path("decisions/<int:pk>/return/", views.execution_return, name="execution_return"),
    path("decisions/<int:pk>/release/", views.execution_release, name="execution_release"),
    path("decisions/<int:pk>/due/", views.execution_move, name="execution_move"),
    path("decisions/<int:pk>/apply/", views.decision_apply, name="decision_apply"),
    path("decisions/<int:pk>/extracts/", views.extract_create, name="extract_create"),
    path("extracts/<int:pk>/", views.extract, name="extract"),
    path("extracts/<int:pk>/extract.pdf", views.extract_pdf, name="extract_pdf"),
]
