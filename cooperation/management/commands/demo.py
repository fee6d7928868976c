import os
import subprocess
import sys

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from cooperation.demo import ACCOUNTS, PASSWORD, NotADemoError, prepare_demo
from cooperation.roles import Role


class Command(BaseCommand):
    help = (
        "Bring up the registry with its first content and demonstration accounts, and serve it "
        "on this machine. May be run again at any time: nothing entered is lost."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="port to serve on (8000)")
        parser.add_argument("--no-serve", action="store_true", help="prepare everything, then stop")

    def handle(self, *, port, no_serve, **options) -> None:
        if "SITE_URL" not in os.environ:
            # Links in files and codes lead here; the processes beside this one write them too.
            settings.SITE_URL = os.environ["SITE_URL"] = f"http://127.0.0.1:{port}"
        call_command("migrate", verbosity=0)
        try:
            with transaction.atomic():
                prepare_demo()
        except NotADemoError as error:
            raise CommandError(error) from error
        call_command("publish_data", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        self.stdout.write(f"Registre : http://127.0.0.1:{port}  (données : {settings.DATA_DIR})")
        self.stdout.write(f"Comptes de démonstration, mot de passe « {PASSWORD} » :")
        for username, (role, _) in ACCOUNTS.items():
            self.stdout.write(f"  {username:18}{Role(role).label}")
        if not no_serve:
            self.serve(port)

    def serve(self, port) -> None:
        """With a worker beside it, for imports and reports that take long."""
        self.stdout.write("Ctrl+C pour arrêter.")
        worker = [sys.executable, settings.BASE_DIR / "manage.py", "worker", "--while-parent-lives"]
        subprocess.Popen([*worker, "-v0"])  # noqa: S603  our own command
        try:
            call_command("serve", listen=f"127.0.0.1:{port}")
        except CommandError as error:
            raise CommandError(f"{error} Essayez : ./run demo --port {port + 1}") from error
