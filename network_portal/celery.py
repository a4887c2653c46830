"""The Celery application and the whole schedule.

The schedule only plans and sweeps; what must happen lies in the outbox, so a missed run heals itself at the next one.
"""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "network_portal.settings")

app = Celery("network_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()  # otherwise only the importing thread has this application, not the threads of gunicorn
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "outbox.sweep": {"task": "outbox.sweep", "schedule": 15, "options": {"expires": 15}},
    "gradebook.plan_transfers": {
        "task": "gradebook.plan_transfers",
        "schedule": crontab(minute="7"),
        "options": {"expires": 3000},
    },
    "enrollment.offers_sweep": {
        "task": "enrollment.offers_sweep",
        "schedule": crontab(minute="2-59/5"),
        "options": {"expires": 240},
    },
    "enrollment.studies_sweep": {
        "task": "enrollment.studies_sweep",
        "schedule": crontab(minute="27"),
        "options": {"expires": 3000},
    },
    "council.remind": {
        "task": "council.remind",
        "schedule": crontab(hour="6", minute="37"),
        "options": {"expires": 36000},
    },
    "documents.keep": {
        "task": "documents.keep",
        "schedule": crontab(hour="0", minute="17"),
        "options": {"expires": 72000},
    },
}
