from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class OutboxConfig(AppConfig):
    name = "network_portal.outbox"
    verbose_name = "Очередь событий"

    def ready(self) -> None:
        autodiscover_modules("handlers")
