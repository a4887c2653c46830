"""The portal's settings with nothing around a view but the session: what any page of Django costs at least."""

from network_portal.settings import *  # noqa: F403 - the same database, sessions and people

ROOT_URLCONF = "tests.load.floor"
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",  # its application does not start without
]
