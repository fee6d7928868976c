from django.core.management.base import BaseCommand
from django.db import transaction

from agreements.watch import send_digest


class Command(BaseCommand):
    help = "Write the week's alerts to the secretariat; a second run in the same week does nothing."

    @transaction.atomic
    def handle(self, **options) -> None:
        self.stdout.write(send_digest())
