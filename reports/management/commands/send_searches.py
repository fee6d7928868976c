from django.core.management.base import BaseCommand, CommandError

from reports.searches import send_searches


class Command(BaseCommand):
    help = (
        "Write to people what is new in the searches that they keep. Run it daily; once is enough."
    )

    def handle(self, **options) -> None:
        sent, failed = send_searches()
        self.stdout.write(f"{sent} message(s) envoyé(s).")
        if failed:
            raise CommandError(
                f"{failed} message(s) non envoyé(s) : ils le seront la prochaine fois."
            )
