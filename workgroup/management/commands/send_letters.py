from django.core.management.base import BaseCommand, CommandError

from workgroup.letters import send_due
from workgroup.models import Letter
from workgroup.reminders import recall


class Command(BaseCommand):
    help = (
        "Write what today asks the groups to be reminded of, and send the letters that are due. "
        "Each goes out once, however often this runs; every morning will do."
    )

    def handle(self, **options) -> None:
        recall()
        Letter.objects.all().forget_old()
        sent, failed = send_due()
        self.stdout.write(f"{sent} courriel(s) envoyé(s).")
        if failed:
            raise CommandError(
                f"{failed} courriel(s) non pris par le serveur : nouvel essai bientôt."
            )
