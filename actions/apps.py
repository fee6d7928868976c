from django.apps import AppConfig


class ActionsConfig(AppConfig):
    name = "actions"
    verbose_name = "Actions et financements"

    def ready(self) -> None:
        from actions import checks  # noqa: F401  registers the check
