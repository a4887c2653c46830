from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "network_portal.common"

    def ready(self) -> None:
        from network_portal.common.guards import close_to_truncate

        close_to_truncate()
