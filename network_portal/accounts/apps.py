from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "network_portal.accounts"
    verbose_name = "Учётные записи"
