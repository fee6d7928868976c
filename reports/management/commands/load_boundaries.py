from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from reports.boundaries import load_boundaries
from reports.models import Boundary


class Command(BaseCommand):
    help = (
        "Draw the boundaries of communes on the map, from a GeoJSON file in degrees (WGS 84); they "
        "replace those that were there."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path, help="a FeatureCollection of (multi)polygons")
        parser.add_argument("--source", required=True, help="who made it and when: told on the map")
        parser.add_argument("--name", default="", help="the property that holds the names")

    def handle(self, *, file, source, name, **options) -> None:
        try:
            missing = load_boundaries(file, source=source, name=name)
        except OSError as error:
            raise CommandError(f"{file} : {error.strerror}") from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{Boundary.objects.count()} communes dessinées.")
        if missing:
            self.stdout.write(f"Sans limite dans ce fichier : {', '.join(missing)}.")
