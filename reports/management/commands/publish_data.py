from django.core.management.base import BaseCommand, CommandError

from reports.opendata.dump import RegistryMovedError, publish_data


class Command(BaseCommand):
    help = (
        "Make the files of everything public (CSV, SQLite, JSON Lines) at /donnees/. Run it every "
        "night; until it has succeeded, the files of before stay."
    )

    def handle(self, *, verbosity, **options) -> None:
        try:
            manifest = publish_data()
        except RegistryMovedError:
            raise CommandError(
                "Le registre a changé pendant l’écriture, trois fois : les fichiers d’avant restent."
            ) from None
        for name, facts in manifest["files"].items() if verbosity else ():
            self.stdout.write(f"{facts['sha256']}  {name}  {facts['size']} octets")
