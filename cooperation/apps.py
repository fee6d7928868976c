from django.apps import AppConfig


class CooperationConfig(AppConfig):
    name = "cooperation"
    verbose_name = "Partenaires et documents"

    def ready(self):
        from cooperation import auth  # noqa: F401  connect their receivers
