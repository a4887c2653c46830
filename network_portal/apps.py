from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "network_portal"
    verbose_name = "Портал"

    def ready(self) -> None:
        from network_portal import celery, checks  # noqa: F401 - loaded for what they register
