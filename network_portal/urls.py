"""Every address of the portal, wired from the apps."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import include, path

from network_portal import health, home
from network_portal.demo.letters import demo_letters

# Rights are duties, and addresses belong to the accounts: nothing to keep here.
admin.site.unregister([Group, EmailAddress])
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # allauth asks for it
admin.site.site_header = admin.site.site_title = "Справочники портала"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("home/", home.home, name="home"),
    path("low-vision/", home.low_vision, name="low_vision"),
    path("demo/letters/", demo_letters, name="demo_letters"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("network_portal.notices.urls")),
    path("", include("network_portal.documents.urls")),
    path("", include("schools.urls")),
    path("", include("courses.urls")),
    path("", include("enrollment.urls")),
    path("", include("gradebook.urls")),
    path("", include("council.urls")),
]
