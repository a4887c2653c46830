from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "network_portal.notices"
    verbose_name = "Уведомления"
