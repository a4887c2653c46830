from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class DocumentsConfig(AppConfig):
    name = "network_portal.documents"
    verbose_name = "Документы"

    def ready(self) -> None:
        """Load the kinds of papers that the apps declare in `documents`, and who answers for them, from `desks`."""
        autodiscover_modules("documents", "desks")
