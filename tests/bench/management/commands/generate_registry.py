from django.core.management.base import BaseCommand, CommandError

from agreements.models import Convention
from tests.bench.registry import generate


class Command(BaseCommand):
    help = (
        "Fill an empty registry with made-up conventions, for benchmarks: "
        "DJANGO_SETTINGS_MODULE=tests.bench.settings manage.py generate_registry 100000"
    )

    def add_arguments(self, parser):
        parser.add_argument("size", type=int, help="number of conventions")
        parser.add_argument("--seed", type=int, default=1, help="the same seed, the same registry")

    def handle(self, *, size, seed, **options):
        if Convention.objects.exists():
            raise CommandError("This registry holds conventions: nothing is added to it.")
        generate(size, seed)
        self.stdout.write(f"{size} conventions")
