from django.core.management.base import BaseCommand
from django.db import transaction

from workgroup.example import make_example


class Command(BaseCommand):
    help = "Make the sub-group and a year of its life, for the demonstration; does nothing where a group is."

    @transaction.atomic
    def handle(self, **options) -> None:
        make_example()
