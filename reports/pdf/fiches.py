"""Fiches: a convention, an action, a partner or a commune on two to four pages; minutes and remarks."""

from dataclasses import dataclass

from django.conf import settings
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from actions.details import action_details
from actions.models import Action, BudgetLine, GoodPractice
from agreements.details import convention_details
from agreements.models import Convention
from cooperation.models import Partner
from cooperation.records.gates import Status
from reports.pdf.book import laid_out_html, section, write_leaflet
from reports.pdf.printing import day_label, frame_section, qr_code
from workgroup.models import Draft, DraftComment, Minutes, MinutesStatus, standing
from workgroup.papers import minutes_paper


@dataclass(frozen=True)
class Fiche:
    title: str
    status: str
    template: str
    context: dict
    kind: str = "Fiche"

    def html(self) -> str:
        """What is laid out, but for the frame of its pages."""
        return laid_out_html(self.template, self.context)

    def write(self, file) -> int:
        """Write it as a PDF; returns how many pages it has."""
        return write_leaflet(
            file,
            title=self.title,
            frame=frame_section(f"{self.kind} : {self.title}", self.status),
            sheet=section(self.template, self.context),
        )


def fiche(kind, record, is_public, context) -> Fiche:
    address = settings.SITE_URL + record.get_absolute_url()
    day = day_label(timezone.localdate())
    status = f"au {day}" if is_public else f"NON PUBLIC – au {day}"
    head = {
        "record": record,
        "is_public": is_public,
        "address": address,
        "code": qr_code(address, "Code QR : la page de cette fiche"),
    }
    return Fiche(str(record), status, f"reports/pdf_fiche_{kind}.html", head | context)


def convention_fiche(reference, user) -> Fiche:
    context = convention_details(reference, user)
    if context is None:
        raise Http404
    convention = context["convention"]
    return fiche("convention", convention, convention.is_published, context)


def action_fiche(reference, user) -> Fiche:
    context = action_details(reference, user)
    if context is None:
        raise Http404
    action = context["action"]
    return fiche("action", action, action.convention.is_published, context)


def partner_fiche(slug, user) -> Fiche:
    """A partner, or a commune: what it signs, what is done there, what it gives."""
    partner = get_object_or_404(Partner.objects.visible_to(user), slug=slug)
    conventions = partner.conventions.visible_to(user).with_term().distinct()
    here = Action.objects.visible_to(user).filter(places=partner).select_related("convention")
    signed = Convention.objects.filter(partners=partner).order_by().values_list("pk", flat=True)
    lines = BudgetLine.objects.visible_to(user).serving(signed)
    context = {
        "conventions": conventions.prefetch_related("parties__partner"),
        "actions": here,
        "totals": lines.totals(),
        "given": partner.budget_lines.visible_to(user).filter(joint_funders=None).totals(),
        "together": partner.given_together().visible_to(user),
        "memberships": partner.memberships.visible_to(user).select_related("member"),
    }
    return fiche("partner", partner, partner.status == Status.PUBLISHED, context)


def minutes_fiche(key, user) -> Fiche:
    """The minutes of a meeting: "<reference>", or "<reference>-v2" for its second version.

    The public has those that were adopted, without the names of who came.
    """
    reference, _, version = key.partition("-v")
    visible = Minutes.objects.visible_to(user).select_related("meeting__group")
    minutes = get_object_or_404(visible, meeting__reference=reference)
    reads = standing(user, minutes.meeting.group).reads
    paper = minutes_paper(minutes, version, for_members=reads)
    if paper is None or paper.version is None:
        raise Http404
    address = settings.SITE_URL + minutes.get_absolute_url()
    adopted = paper.version.status == MinutesStatus.ADOPTED
    context = {
        "paper": paper,
        "address": address,
        "code": qr_code(address, "Code QR : la page de ce compte rendu"),
        "is_public": adopted and not paper.present,
    }
    status = f"{paper.status}, {paper.version}"
    title = str(minutes.meeting)
    return Fiche(title, status, "reports/pdf_minutes.html", context, "Compte rendu")


def practice_fiche(reference, user) -> Fiche:
    visible = GoodPractice.objects.visible_to(user).select_related("action__convention")
    practice = get_object_or_404(visible, reference=reference)
    return fiche("practice", practice, practice.is_published, {"practice": practice})


def dispositions_fiche(reference, user) -> Fiche:
    """The remarks on a draft and what became of each: for members."""
    visible = Draft.objects.visible_to(user).select_related("group", "partner")
    draft = get_object_or_404(visible, reference=reference)
    if not standing(user, draft.group).reads:
        raise Http404
    comments = DraftComment.objects.visible_to(user).filter(draft=draft)
    address = settings.SITE_URL + draft.get_absolute_url()
    context = {
        "draft": draft,
        "comments": comments.select_related("author", "partner", "draft_version"),
        "address": address,
        "code": qr_code(address, "Code QR : la page de ce projet"),
    }
    status = f"{draft.state}, au {day_label(timezone.localdate())}"
    return Fiche(str(draft), status, "reports/pdf_dispositions.html", context, "Remarques")


# By what their address calls them.
FICHES = {
    "convention": convention_fiche,
    "action": action_fiche,
    "partenaire": partner_fiche,
    "compte-rendu": minutes_fiche,
    "remarques": dispositions_fiche,
    "bonne-pratique": practice_fiche,
}
