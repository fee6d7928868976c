"""What a person with an account has to do here, and how much of it waits: « Mon travail »."""

from django.utils import timezone

from actions.models import GoodPractice
from agreements.mine import waiting_for
from agreements.models import ErrorNotice
from agreements.queue import count_of
from agreements.supervision import pending_of
from cooperation.caching import worked_out
from cooperation.models import AccessRequest
from cooperation.records.gates import Status
from cooperation.roles import Role, enters_data, enters_for, is_secretariat
from workgroup.models import Commitment


def work_of(user) -> list[tuple[str, str, int]]:
    """[(label, name of the address, how much waits there), …], what comes first first."""
    found = []
    if enters_for(user):
        found.append(("Mes conventions", "own_conventions", waiting_for(user).count()))
    if is_secretariat(user):
        found.append(("À traiter", "queue", count_of(user)))
    if enters_data(user):
        waiting = ErrorNotice.objects.waiting().answerable_by(user).count()
        found.append(("Signalements", "error_notice_list", waiting))
    if user.role == Role.STATE:
        # On every page: counted once for a state of the registry.
        waiting = worked_out("dossiers-legaux", user.pk, make=lambda: pending_of(user).count())
        found.append(("Dossiers légaux", "supervised_list", waiting))
    if is_secretariat(user):
        waiting = GoodPractice.objects.filter(status=Status.SUBMITTED).count()
        found.append(("Bonnes pratiques", "practice_list", waiting))
    if user.mandates.on(timezone.localdate()).exists():
        mine = Commitment.objects.visible_to(user).late().filter(user=user).count()
        found.append(("Engagements", "commitment_list", mine))
    if is_secretariat(user):
        found += [
            ("Suivi", "watch_list", 0),
            ("Doublons", "double_list", 0),
            ("Comptes", "account_list", AccessRequest.objects.waiting().count()),
        ]
    if enters_data(user):
        found += [("Imports", "import_list", 0), ("Saisir", "admin:index", 0)]
    else:
        found.append(("Mes recherches", "search_list", 0))
    return [
        *found,
        ("Nouvelles", "news", user.notices.unread().count()),
        ("Mon compte", "account_home", 0),
    ]
