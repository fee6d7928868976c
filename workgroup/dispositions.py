"""Remarks and their dispositions as the ISO/CEN commenting form: the same columns going out and coming in."""

from typing import BinaryIO

from django.conf import settings
from django.utils import timezone

from cooperation.lists.exports import REGISTER
from cooperation.lists.tables import xlsx_file
from workgroup.models import Remark

# The columns of the form, in its order: organisation, clause, type, comment, proposed change, answer.
PROJECT, ORGANISATION, CLAUSE, KIND = "Projet", "Organisation", "Article ou paragraphe", "Nature"
TEXT, PROPOSED = "Remarque", "Texte proposé"
ANSWERS = ["Suite", "Pourquoi", "Texte retenu", "L’auteur est", "Version", "Passage", "Envoyée le"]


def disposition_rows(comments) -> list[list]:
    """One row a remark, after the headings; authors by their organisation."""
    rows = [[PROJECT, ORGANISATION, CLAUSE, KIND, TEXT, PROPOSED, *ANSWERS]]
    for one in comments:
        rows.append(
            [
                one.draft.reference,
                one.partner.name if one.partner else "",
                one.clause,
                Remark.Kind(one.kind).label,
                one.text,
                one.proposed,
                one.get_status_display(),
                one.answer,
                one.adopted,
                one.get_satisfied_display(),
                one.draft_version.number,
                one.quoted,
                f"{timezone.localtime(one.sent_at):%d/%m/%Y}",
            ]
        )
    return rows


def disposition_file(draft, comments) -> BinaryIO:
    """The form as XLSX: it is filled in away from the site, and sent back as an import."""
    facts = [
        ("Registre", REGISTER),
        ("Projet", f"{draft.title} ({draft.reference})"),
        ("Remarques", draft.deadline if draft.closes_on else "pas encore ouvertes"),
        ("Adresse", f"{settings.SITE_URL}{draft.get_absolute_url()}"),
        ("Extrait le", timezone.localtime().strftime("%d/%m/%Y %H:%M")),
    ]
    return xlsx_file(disposition_rows(comments), title="Remarques", about=facts)
