from django.core.management.base import BaseCommand

from reports.alerts import send_alerts


class Command(BaseCommand):
    help = (
        "Write to people what is new in the searches that they keep. Run it daily; once is enough."
    )

    def handle(self, **options):
        self.stdout.write(f"{send_alerts()} message(s) envoyé(s).")
