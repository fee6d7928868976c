"""Remarks that come in as the ISO/CEN form: a ministry answers away from the site."""

from functools import cached_property

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from cooperation.importing.columns import Column, plain
from cooperation.importing.matching import PartnerMatcher
from cooperation.importing.records import RecordImporter
from cooperation.models import Partner
from cooperation.roles import is_secretariat
from cooperation.values.text import fold
from workgroup.dispositions import ANSWERS, CLAUSE, KIND, ORGANISATION, PROJECT, PROPOSED, TEXT
from workgroup.models import Draft, DraftComment, Mandate, Remark, WorkingGroup

# The letters of the form.
LETTERS = {"ge": Remark.Kind.GENERAL, "te": Remark.Kind.TECHNICAL, "ed": Remark.Kind.EDITORIAL}
kind_column = plain(
    DraftComment, "kind", KIND, also=("type", "type of comment", "type de remarque")
)


def project(text, importer) -> int:
    """A draft that takes remarks, of a group where the person speaks."""
    draft = importer.drafts.filter(reference__iexact=text.strip()).first()
    if draft is None:
        raise ValidationError(f"« {text[:40]} » n’est pas la référence d’un projet de vos groupes.")
    if not draft.is_open:
        raise ValidationError(f"« {draft} » ne reçoit pas de remarques en ce moment.")
    return draft.pk


def organisation(text, importer) -> int:
    """A partner of the registry, for whom the person speaks; the secretariat sends everybody's."""
    own = {mandate.partner_id for mandate in importer.mandates}
    key = importer.known.find(text, "")
    if key is None:
        raise ValidationError(f"« {text[:60]} » n’est pas un partenaire du registre.")
    if key not in own and not is_secretariat(importer.user):
        raise ValidationError(f"Vous ne siégez pas au nom de « {text[:60]} » : laissez vide.")
    return key


def nature(text, importer) -> str:
    """« sur le fond », or « ge »."""
    return LETTERS.get(text.strip().lower()) or kind_column.read(text, importer)


class CommentImporter(RecordImporter):
    """Each row is a remark; the same one of the same organisation is there once."""

    kind = "remarques"
    label = "remarques"
    address = "draft_comments"
    model = DraftComment
    permissions = ("workgroup.add_draftcomment",)
    # A window closes, a mandate ends.
    reads_again = True
    title_field = "text"
    sheet_names = ("remarques", "commentaires", "comments")
    # What the form says besides: the answers, which are the group's.
    layout = dict.fromkeys(map(fold, ANSWERS), "")
    columns = (
        Column("draft", PROJECT, project, required=True, help="Sa référence : TDR-2026-001."),
        Column(
            "partner",
            ORGANISATION,
            organisation,
            help="Au nom de qui. Vide : la vôtre.",
            also=("mb/nc", "mb/ nc", "organisme"),
        ),
        plain(
            DraftComment,
            "clause",
            CLAUSE,
            also=("clause", "clause/subclause", "paragraphe", "article", "section"),
        ),
        Column(
            "kind",
            KIND,
            nature,
            help="ge (sur le fond), te (technique), ed (rédaction), ou ces mots.",
            also=kind_column.also,
        ),
        plain(
            DraftComment,
            "text",
            TEXT,
            required=True,
            also=("commentaire", "comments", "comment", "justification"),
        ),
        plain(
            DraftComment,
            "proposed",
            PROPOSED,
            help="Les mots que vous écririez.",
            also=("proposed change", "modification proposée"),
        ),
    )

    @cached_property
    def known(self) -> PartnerMatcher:
        """Every partner that the person reads: remarks make none."""
        return PartnerMatcher(Partner.objects.visible_to(self.user), self.answers)

    @cached_property
    def mandates(self) -> list[Mandate]:
        return list(self.user.mandates.on(timezone.localdate()))

    @property
    def drafts(self) -> QuerySet:
        groups = WorkingGroup.objects.spoken_in_by(self.user)
        return Draft.objects.visible_to(self.user).filter(group__in=groups)

    def find(self, values, line) -> DraftComment | None:
        """What is there already, word for word, of whoever sends it."""
        fields = values["fields"]
        own = DraftComment.objects.filter(author=self.user).counted()
        found = own.filter(
            draft=fields["draft"], clause=fields.get("clause", ""), text=fields["text"]
        ).first()
        proposed = fields.get("proposed", "")
        if found and not found.is_waiting and proposed not in ("", found.proposed):
            raise ValidationError("Cette remarque a déjà sa suite : elle ne change plus.")
        return found

    def check_row(self, values, record, line) -> None:
        fields = values["fields"]
        key = (fields["draft"], fields.get("clause", ""), fields["text"])
        if (first := self.seen.setdefault(key, line)) != line:
            raise ValidationError(f"Cette remarque est déjà à la ligne {first}.")

    def prepare_new(self, records) -> None:
        """Of whoever sends them, on the paragraph that their clause names."""
        for record in records:
            record.author, record.draft_version = self.user, record.draft.shared
            if record.partner_id is None:
                held = (m for m in self.mandates if m.group_id == record.draft.group_id)
                record.partner_id = next((mandate.partner_id for mandate in held), None)
            for section in record.draft_version.sections.all():
                for paragraph in section.paragraphs:
                    if paragraph.number == record.clause:
                        record.anchor, record.quoted = section.anchor, paragraph.text

    def reference_of(self, record) -> str:
        return record.draft.reference
