"""The demonstration: the registry's first content and one account for each role."""

from django.core.management import call_command

from cooperation.models import Partner, User
from cooperation.roles import Role

PASSWORD = "demonstration-2026"  # noqa: S105  printed by the demo, and of no use elsewhere

# Username -> role, and the partner an agent enters data for.
ACCOUNTS = {
    "agent-parakou": (Role.COMMUNE, "parakou"),
    "agent-porto-novo": (Role.COMMUNE, "porto-novo"),
    "membre": (Role.MEMBER, None),
    "secretariat": (Role.SECRETARIAT, None),
}


class NotADemoError(Exception):
    """The database holds a real registry."""


def prepare_demo() -> None:
    """Load the content and make the accounts, once: what was changed since is kept.

    Raises NotADemoError where there are accounts and none is a demonstration's.
    """
    users = User.objects.all()
    if users.exists() and not users.filter(username__in=ACCOUNTS).exists():
        raise NotADemoError(
            "Cette base contient de vrais comptes : la démonstration n’y ajoute pas les siens. "
            "Donnez-lui un autre dossier : DATA_DIR=/chemin/vide ./run demo"
        )
    if not Partner.objects.exists():
        call_command("loaddata", "reference", "agreements", "public_agreements", verbosity=0)
    for username, (role, slug) in ACCOUNTS.items():
        if not users.filter(username=username).exists():
            partner = slug and Partner.objects.get(slug=slug)
            User.objects.create_user(username, password=PASSWORD, role=role, partner=partner)
    call_command("make_example", verbosity=0)
