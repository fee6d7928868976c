from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.core.wsgi import get_wsgi_application
from waitress import serve


class Command(BaseCommand):
    help = (
        "Serve the registry. Behind proxies (PROXIES, HTTPS) it believes the address and the scheme that "
        "they tell: only they may reach it then."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--listen", default="127.0.0.1:8000", help="address:port")
        parser.add_argument("--threads", type=int, default=8, help="answers made at once (8)")

    def handle(self, *, listen, threads, **options) -> None:
        try:
            serve(get_wsgi_application(), listen=listen, threads=threads, **behind_proxies())
        except OSError as error:
            raise CommandError(f"{listen} est déjà pris ou interdit.") from error


def behind_proxies() -> dict:
    """What waitress is told of the proxies in front; without it, it drops all that they say."""
    told = {"clear_untrusted_proxy_headers": True}
    if count := settings.PROXIES or int(settings.HTTPS):
        told |= {
            "trusted_proxy": "*",
            "trusted_proxy_count": count,
            "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
        }
    return told
