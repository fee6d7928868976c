from importlib import import_module

from django.apps import AppConfig


class CooperationConfig(AppConfig):
    name = "cooperation"
    verbose_name = "Partenaires et documents"

    def ready(self) -> None:
        """Connect receivers, register checks and lookups: by name, since nobody here uses these modules."""
        for module in ("auth", "checks", "journal", "values.lookups"):
            import_module(f"{self.name}.{module}")
