"""What a group writes to whom, and when it does not: each kind of letter, with its rule in words.

A letter waits five minutes, in which other changes of the same thing join it, and is composed as it
leaves. What no longer holds by then is held back, and says why.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Least
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django_tasks import task

from cooperation.entry.notices import AGAIN_AFTER, Message, compose, keep_in_site
from cooperation.jobs import MAIL
from cooperation.models import User
from cooperation.roles import is_secretariat
from workgroup.calendars import invitation_of
from workgroup.models import (
    CommitmentStatus,
    DraftStatus,
    Letter,
    LetterStatus,
    MeetingStatus,
    MinutesStatus,
    RefusedLetters,
    standing,
)

logger = logging.getLogger(__name__)

# How long other changes of the same thing join a letter.
BUNDLED_FOR = timedelta(minutes=5)
ANSWER_SALT, REFUSAL_SALT = "workgroup.answer", "workgroup.refusal"


def no_facts(letter) -> dict:
    return {}


@dataclass(frozen=True)
class Kind:
    """A kind of letter.

    `why` is the rule by which a person gets it, as they read it; `over(about)` says why it no longer
    goes out, or "". What is a duty cannot be refused. `with_calendar`: a calendar file goes along.
    """

    label: str
    why: str
    over: Callable
    is_duty: bool = True
    with_calendar: bool = False
    # What its text tells beside what it is about.
    facts: Callable = no_facts


def no_longer_convened(meeting) -> str:
    if meeting.status == MeetingStatus.CANCELLED:
        return "La réunion a été annulée entre-temps."
    if meeting.status != MeetingStatus.CONVENED:
        return "La réunion n’est plus convoquée."
    return "La réunion est passée." if meeting.is_over else ""


def no_longer_cancelled(meeting) -> str:
    if meeting.status != MeetingStatus.CANCELLED:
        return "La réunion a été convoquée à nouveau entre-temps."
    return "La date de la réunion est passée." if meeting.is_over else ""


def no_longer_corrected(minutes) -> str:
    return "" if minutes.is_open_to_corrections else "La période de correction est finie."


def no_longer_adopted(minutes) -> str:
    return "" if minutes.status == MinutesStatus.ADOPTED else "Le compte rendu a été repris."


def already_sent(meeting) -> str:
    minutes = getattr(meeting, "minutes", None)
    if minutes and minutes.sent_at:
        return "Le compte rendu est parti entre-temps."
    return "" if meeting.took_place else "La réunion n’a pas eu lieu."


def no_longer_open(commitment) -> str:
    return "" if commitment.status == CommitmentStatus.OPEN else "L’engagement est clos."


def not_answered(remark) -> str:
    return "" if remark.is_answered else "La suite donnée a été reprise."


def no_longer_shared(draft) -> str:
    if draft.status == DraftStatus.WITHDRAWN:
        return "Le projet a été retiré du partage."
    return "" if draft.is_open else "La période des remarques est finie."


def no_longer_closed(draft) -> str:
    return "" if draft.is_closed else "Le projet n’attend plus de suites."


def no_longer_official(draft) -> str:
    return "" if draft.status == DraftStatus.OFFICIAL else "Le texte n’est plus officiel."


def no_longer_withdrawn(draft) -> str:
    return "" if draft.status == DraftStatus.WITHDRAWN else "Le projet est partagé de nouveau."


def never_over(about) -> str:
    return ""


def documents_of(letter) -> dict:
    """Those that the digest of a day tells of; its day is its key."""
    return {"documents": letter.about.library.filter(announced_on=letter.key)}


def mandate_over(mandate) -> str:
    return "Le mandat est fini." if mandate.is_over else ""


KINDS = {
    "convocation": Kind(
        "Convocation",
        "Vous siégez dans ce groupe, et la réunion vient d’être convoquée.",
        no_longer_convened,
        with_calendar=True,
    ),
    "meeting_changed": Kind(
        "Réunion modifiée",
        "Vous siégez dans ce groupe, et ce qui vous a été annoncé de la réunion a changé.",
        no_longer_convened,
        with_calendar=True,
    ),
    "meeting_cancelled": Kind(
        "Réunion annulée",
        "La convocation vous était parvenue ; la réunion est annulée.",
        no_longer_cancelled,
        with_calendar=True,
    ),
    "meeting_soon": Kind(
        "Rappel de réunion",
        "Vous siégez dans ce groupe, et la réunion est dans deux jours au plus.",
        no_longer_convened,
        is_duty=False,
    ),
    "minutes_late": Kind(
        "Compte rendu à envoyer",
        "Vous conduisez ce groupe, et le compte rendu de la réunion n’est pas encore envoyé.",
        already_sent,
    ),
    "minutes_sent": Kind(
        "Compte rendu à relire",
        "Vous siégez dans ce groupe, et le compte rendu est ouvert à vos corrections.",
        no_longer_corrected,
    ),
    "minutes_adopted": Kind(
        "Compte rendu adopté",
        "Vous siégez dans ce groupe, et le compte rendu est adopté.",
        no_longer_adopted,
        is_duty=False,
    ),
    "correction_answered": Kind(
        "Suite de votre correction",
        "Vous avez demandé cette correction.",
        not_answered,
    ),
    "draft_shared": Kind(
        "Projet ouvert aux remarques",
        "Vous siégez dans ce groupe, qui demande vos remarques.",
        no_longer_shared,
    ),
    "draft_closing": Kind(
        "Fin prochaine des remarques",
        "Vous siégez dans ce groupe, et n’avez pas encore fait de remarque.",
        no_longer_shared,
        is_duty=False,
    ),
    "draft_closed": Kind(
        "Remarques à traiter",
        "Vous conduisez ce groupe, et la période des remarques est finie.",
        no_longer_closed,
    ),
    "draft_official": Kind(
        "Texte officiel",
        "Vous siégez dans ce groupe, qui l’a préparé.",
        no_longer_official,
        is_duty=False,
    ),
    "draft_withdrawn": Kind(
        "Projet retiré du partage",
        "Vous siégez dans ce groupe, à qui il avait été partagé.",
        no_longer_withdrawn,
    ),
    "comment_answered": Kind(
        "Suite de votre remarque",
        "Vous avez fait cette remarque.",
        not_answered,
    ),
    "commitment_due": Kind(
        "Engagement",
        "Vous êtes chargé de cet engagement.",
        no_longer_open,
    ),
    "documents_shared": Kind(
        "Documents partagés",
        "Vous siégez dans ce groupe, dont les membres ont partagé ces documents.",
        never_over,
        is_duty=False,
        facts=documents_of,
    ),
    "mandate_ends": Kind(
        "Fin de mandat",
        "Vous exercez cette coprésidence, ou vous conduisez le groupe où elle s’achève.",
        mandate_over,
    ),
}


def write(name, about, people, *, group, key, at_once=False) -> bool:
    """Have each person written to, once for each occasion (`key`); False where nobody has an address.

    A letter of the same name about the same thing that has not left yet says this too.
    """
    due = timezone.now() + (timedelta(0) if at_once else BUNDLED_FOR)
    about_type = ContentType.objects.get_for_model(about)
    facts = {"name": name, "about_type": about_type, "about_key": about.pk}
    people = list(people.filter(is_active=True).order_by("pk").distinct())
    for person in people:
        waiting = Letter.objects.filter(user=person, status=LetterStatus.WAITING, **facts)
        # One that a server did not take waits long: it does not make what is new wait as long.
        if not waiting.update(due_at=Least("due_at", Value(due))):
            Letter.objects.get_or_create(
                user=person,
                name=name,
                key=key,
                defaults=facts | {"group": group, "due_at": due},
            )
    post.using(run_after=due).enqueue()
    return any(person.email for person in people)


@task(priority=MAIL)
def post() -> None:
    """Send what is due."""
    send_due()


def send_due() -> tuple[int, int]:
    """Send the letters that are due, each once whoever else sends. Returns how many left, and how many failed."""
    sent = failed = 0
    for letter in Letter.objects.due().select_related("user", "group").order_by("due_at", "pk"):
        if letter.take():
            try:
                sent += leave(letter)
            # Whatever one letter lacks keeps no other from leaving.
            except Exception as error:
                logger.exception("letter %s was not sent, try %s", letter.pk, letter.tries + 1)
                failed += 1
                try_again(letter, error)
    return sent, failed


def try_again(letter, error) -> None:
    if letter.tries < len(AGAIN_AFTER):
        letter.due_at = timezone.now() + AGAIN_AFTER[letter.tries]
        letter.tries += 1
        letter.settle(LetterStatus.WAITING, "Le serveur de courriel n’a pas répondu.")
        transaction.on_commit(lambda: post.using(run_after=letter.due_at).enqueue())
    else:
        letter.settle(LetterStatus.REFUSED, f"Refusé par le serveur de courriel : {error}"[:500])


def why_held(letter) -> str:
    """Why a letter does not leave, as its reader will read it; "" where it does."""
    kind = KINDS[letter.name]
    if letter.about is None:
        return "Ce dont il parle a été supprimé."
    if not letter.user.is_active:
        return "Le compte est fermé."
    if not (standing(letter.user, letter.group).sits or is_secretariat(letter.user)):
        return "La personne ne siège plus dans le groupe."
    refused = RefusedLetters.objects.filter(user=letter.user, name=letter.name)
    if not kind.is_duty and refused.exists():
        return "La personne ne veut pas de ces courriels."
    return kind.over(letter.about)


def leave(letter) -> bool:
    """Send one letter that was taken; False where it stays."""
    if reason := why_held(letter):
        letter.settle(LetterStatus.HELD, reason)
        return False
    message = message_of(letter)
    letter.subject, letter.text = message.subject, message.text
    if letter.tries == 0:
        keep_in_site(User.objects.filter(pk=letter.user_id), message, address_of(letter))
    if not letter.user.email:
        letter.settle(LetterStatus.UNREACHED, "Le compte n’a pas d’adresse électronique.")
        return False
    envelope(letter, message).send()
    letter.settle(LetterStatus.SENT)
    return True


def address_of(letter) -> str:
    """The page that it leads to."""
    return letter.about.get_absolute_url()


def message_of(letter) -> Message:
    kind = KINDS[letter.name]
    refusal = "" if kind.is_duty else settings.SITE_URL + refusal_address(letter.user, letter.name)
    return compose(
        f"workgroup/{letter.name}",
        address_of(letter),
        about=letter.about,
        group=letter.group,
        person=letter.user,
        why=kind.why,
        refusal=refusal,
        **kind.facts(letter),
        answer=f"{settings.SITE_URL}{answer_address(letter.about, letter.user)}"
        if letter.name in ("convocation", "meeting_changed", "meeting_soon")
        else "",
    )


def envelope(letter, message) -> object:
    """The e-mail: programs know it again, and refuse further ones by one click where they may."""
    kind, mail = KINDS[letter.name], message.to(letter.user.email)
    mail.extra_headers["Message-ID"] = f"<courriel-{letter.pk}@registre>"
    mail.extra_headers["Auto-Submitted"] = "auto-generated"
    if not kind.is_duty:
        address = settings.SITE_URL + refusal_address(letter.user, letter.name)
        mail.extra_headers["List-Unsubscribe"] = f"<{address}>"
        mail.extra_headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if kind.with_calendar:
        mail.attach("reunion.ics", invitation_of(letter.about), "text/calendar; charset=utf-8")
    return mail


def answer_address(meeting, person) -> str:
    """Where a person says whether they come, without signing in."""
    token = signing.dumps([person.pk, meeting.pk], salt=ANSWER_SALT, compress=True)
    return reverse("meeting_answer_by_mail", args=[token])


def refusal_address(person, name) -> str:
    token = signing.dumps([person.pk, name], salt=REFUSAL_SALT, compress=True)
    return reverse("letters_refused", args=[token])


def signed_for(token, salt) -> tuple[User, object]:
    """The active person whom a link of a letter was made for, and what it is about; 404 of any other."""
    try:
        person, about = signing.loads(token, salt=salt)
    except signing.BadSignature as error:
        raise Http404 from error
    return get_object_or_404(User, pk=person, is_active=True), about
