from django.urls import path

from courses import views

urlpatterns = [
    path("catalogue/", views.catalogue, name="catalogue"),
    path("catalogue/<int:pk>/", views.catalogue_course, name="catalogue_course"),
    path("courses/", views.course_list, name="course_list"),
    path("courses/new/", views.course_create, name="course_create"),
    path("courses/<int:pk>/", views.course, name="course"),
    path("courses/<int:pk>/edit/", views.course_edit, name="course_edit"),
    path("courses/<int:pk>/publish/", views.course_publish, name="course_publish"),
    path("courses/<int:pk>/close/", views.course_close, name="course_close"),
    path("courses/<int:pk>/groups/new/", views.group_create, name="group_create"),
    path("programmes/<int:pk>/plan/", views.programme_plan, name="programme_plan"),
    path("programmes/<int:pk>/grading/", views.programme_policy, name="programme_policy"),
    path("grading/", views.school_policy, name="school_policy"),
    path("groups/<int:pk>/edit/", views.group_edit, name="group_edit"),
    path("groups/<int:pk>/timetable/", views.group_timetable, name="group_timetable"),
    path("groups/<int:pk>/timetable/<int:slot_pk>/remove/", views.slot_remove, name="slot_remove"),
]
