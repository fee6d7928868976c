"""The lives of meetings, minutes, drafts, remarks and commitments: their tables of steps.

Each step has its permission, the seats that may take it (`editable_by`), and the letter that tells it.
"""

from functools import partial

from cooperation.entry.workflow import Step, table
from cooperation.models import User
from workgroup.letters import write
from workgroup.models import (
    CommitmentStatus,
    Disposition,
    DraftStatus,
    Letter,
    MeetingStatus,
    MinutesStatus,
)
from workgroup.models.letters import HEARD

CONVENE = "workgroup.convene_groupmeeting"
ADOPT = "workgroup.adopt_minutes"
SHARE = "workgroup.share_draft"
CLOSE = "workgroup.close_commitment"

TOLD = "Un message part vers les membres."
UNTOLD = "Aucun membre n’a d’adresse électronique : prévenez-les vous-même."


def tell_nobody(step, record, *, by, reason) -> bool:
    return False


def tell_convened(step, meeting, *, by, reason) -> bool:
    return write(
        "convocation",
        meeting,
        meeting.group.people(),
        group=meeting.group,
        key=f"{meeting.reference}:{meeting.sequence}",
    )


def tell_cancelled(step, meeting, *, by, reason) -> bool:
    """Those who have heard of it, in the site too: the others need not."""
    heard = Letter.objects.about(meeting).filter(
        name__in=("convocation", "meeting_changed", "meeting_soon"), status__in=HEARD
    )
    people = meeting.group.people().filter(pk__in=heard.order_by().values("user"))
    return write(
        "meeting_cancelled",
        meeting,
        people,
        group=meeting.group,
        key=f"{meeting.reference}:{meeting.sequence}",
        at_once=True,
    )


def tell_minutes(step, minutes, *, by, reason, name) -> bool:
    return write(
        name,
        minutes,
        minutes.meeting.group.people(),
        group=minutes.meeting.group,
        key=f"{minutes.meeting.reference}:{minutes.versions.count()}",
    )


def tell_author(step, remark, *, by, reason, name) -> bool:
    return write(
        name,
        remark,
        User.objects.filter(pk=remark.author_id),
        group=remark.group,
        key=f"{remark.uid}:{remark.pk}:{remark.history.count()}",
    )


def tell_draft(step, draft, *, by, reason, name) -> bool:
    return write(
        name,
        draft,
        draft.group.people(),
        group=draft.group,
        key=f"{draft.reference}:{draft.version}",
    )


MEETING_STEPS = table(
    Step(
        "convoquer",
        "Convoquer",
        "La réunion est convoquée.",
        "convoquée",
        frozenset({MeetingStatus.PREPARED, MeetingStatus.CANCELLED}),
        MeetingStatus.CONVENED,
        CONVENE,
        told=TOLD,
        untold=UNTOLD,
        tell=tell_convened,
    ),
    Step(
        "clore",
        "Elle s’est tenue",
        "La réunion est close : son ordre du jour ne change plus.",
        "tenue",
        frozenset({MeetingStatus.CONVENED}),
        MeetingStatus.HELD,
        CONVENE,
        tell=tell_nobody,
    ),
    Step(
        "annuler",
        "Annuler la réunion",
        "La réunion est annulée ; son motif se lit sur sa page.",
        "annulée",
        frozenset({MeetingStatus.CONVENED}),
        MeetingStatus.CANCELLED,
        CONVENE,
        needs_reason=True,
        told="Un message part vers ceux que la convocation avait atteints.",
        untold="La convocation n’avait encore atteint personne : aucun message ne part.",
        tell=tell_cancelled,
    ),
)

MINUTES_STEPS = table(
    Step(
        "envoyer",
        "Envoyer aux membres",
        "Le compte rendu est ouvert aux corrections des membres.",
        "envoyé",
        frozenset({MinutesStatus.WRITTEN}),
        MinutesStatus.CORRECTED,
        ADOPT,
        told=TOLD,
        untold=UNTOLD,
        tell=partial(tell_minutes, name="minutes_sent"),
    ),
    Step(
        "adopter",
        "Adopter",
        "Le compte rendu est adopté : tout le monde peut le lire.",
        "adopté",
        frozenset({MinutesStatus.CORRECTED}),
        MinutesStatus.ADOPTED,
        ADOPT,
        told=TOLD,
        untold=UNTOLD,
        tell=partial(tell_minutes, name="minutes_adopted"),
    ),
    Step(
        "reprendre",
        "Reprendre la rédaction",
        "Le compte rendu est de nouveau en rédaction ; ses versions restent.",
        "repris",
        frozenset({MinutesStatus.CORRECTED, MinutesStatus.ADOPTED}),
        MinutesStatus.WRITTEN,
        ADOPT,
        needs_reason=True,
        tell=tell_nobody,
    ),
)


def disposition(slug, label, done, news, target, *, permission, tell, needs_reason=False) -> Step:
    """What a remark becomes: from any of the others, as long as it is not withdrawn."""
    others = frozenset(Disposition) - {target, Disposition.WITHDRAWN}
    return Step(
        slug,
        label,
        done,
        news,
        others,
        target,
        permission,
        needs_reason,
        told="Un message part vers son auteur.",
        untold="Son auteur n’a pas d’adresse électronique : prévenez-le vous-même.",
        tell=tell,
        gate="answerable_by",
    )


def dispositions(kind, letter) -> dict:
    """The life of a remark: what the group answers, and its author's withdrawal."""
    answer = partial(
        disposition,
        permission=f"workgroup.answer_{kind}",
        tell=partial(tell_author, name=letter),
    )
    return table(
        answer("retenir", "Retenir", "La remarque est retenue.", "retenue", Disposition.RETAINED),
        answer(
            "retenir-en-partie",
            "Retenir en partie",
            "La remarque est retenue en partie.",
            "retenue en partie",
            Disposition.PARTLY,
            needs_reason=True,
        ),
        answer("noter", "Noter", "La remarque est notée.", "notée", Disposition.NOTED),
        answer(
            "ecarter",
            "Écarter",
            "La remarque est écartée, avec sa raison.",
            "écartée",
            Disposition.SET_ASIDE,
            needs_reason=True,
        ),
        Step(
            "retirer",
            "Retirer ma remarque",
            "Votre remarque est retirée.",
            "retirée",
            frozenset({Disposition.OPEN}),
            Disposition.WITHDRAWN,
            f"workgroup.withdraw_{kind}",
            tell=tell_nobody,
            gate="authored_by",
        ),
    )


CORRECTION_STEPS = dispositions("correction", "correction_answered")
COMMENT_STEPS = dispositions("draftcomment", "comment_answered")

DRAFT_STEPS = table(
    Step(
        "partager",
        "Ouvrir aux remarques",
        "Le projet est ouvert aux remarques.",
        "partagé",
        frozenset({DraftStatus.PREPARED, DraftStatus.OPEN}),
        DraftStatus.OPEN,
        SHARE,
        told=TOLD,
        untold=UNTOLD,
        tell=partial(tell_draft, name="draft_shared"),
    ),
    Step(
        "officialiser",
        "Rendre officiel",
        "Le texte est officiel : tout le monde peut le lire.",
        "officiel",
        frozenset({DraftStatus.OPEN}),
        DraftStatus.OFFICIAL,
        SHARE,
        told=TOLD,
        untold=UNTOLD,
        tell=partial(tell_draft, name="draft_official"),
    ),
    Step(
        "retirer",
        "Retirer du partage",
        "Le projet est retiré du partage ; ses remarques restent lisibles.",
        "retiré du partage",
        frozenset({DraftStatus.OPEN}),
        DraftStatus.WITHDRAWN,
        SHARE,
        needs_reason=True,
        told=TOLD,
        untold=UNTOLD,
        tell=partial(tell_draft, name="draft_withdrawn"),
    ),
)


def closing(slug, label, done, news, target, *, needs_reason) -> Step:
    return Step(
        slug,
        label,
        done,
        news,
        frozenset({CommitmentStatus.OPEN}),
        target,
        CLOSE,
        needs_reason,
        tell=tell_nobody,
        gate="closable_by",
    )


COMMITMENT_STEPS = table(
    closing(
        "tenir",
        "C’est fait",
        "L’engagement est tenu.",
        "tenu",
        CommitmentStatus.KEPT,
        needs_reason=False,
    ),
    closing(
        "tenir-en-partie",
        "Fait en partie",
        "L’engagement est tenu en partie.",
        "tenu en partie",
        CommitmentStatus.PARTLY,
        needs_reason=True,
    ),
    closing(
        "abandonner",
        "Abandonner",
        "L’engagement est abandonné, avec sa raison.",
        "abandonné",
        CommitmentStatus.DROPPED,
        needs_reason=True,
    ),
    Step(
        "rouvrir",
        "Rouvrir",
        "L’engagement court de nouveau.",
        "rouvert",
        frozenset(CommitmentStatus) - {CommitmentStatus.OPEN},
        CommitmentStatus.OPEN,
        CLOSE,
        needs_reason=True,
        tell=tell_nobody,
        gate="closable_by",
    ),
)
