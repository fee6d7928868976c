"""The lines of a convention's form."""

from agreements.forms import AvenantForm, LegalStepForm
from agreements.models import (
    Avenant,
    CitedSource,
    Delegation,
    Exchange,
    FocalPoint,
    LegalStep,
    Meeting,
    OtherValue,
    Party,
    Signature,
    Situation,
)
from cooperation.entry.admin import PersonInline, RecordInline, TermInline


def folded(fields, title, others) -> list[tuple]:
    """The fields that most lines fill in, and those that few do, folded."""
    rare = {"fields": others, "classes": ["collapse"]}
    return [(None, {"fields": [*fields, "opened_version"]}), (title, rare)]


class PartyInline(TermInline):
    model = Party
    article = "une"
    fieldsets = folded(
        ["partner", "role"], "Préciser cette partie", [("note", "share"), "arrondissement"]
    )
    autocomplete_fields = ["partner", "arrondissement"]

    def get_extra(self, request, obj=None, **kwargs) -> int:
        return 0 if obj else 2


class AvenantInline(RecordInline):
    model = Avenant
    form = AvenantForm
    autocomplete_fields = ["documents"]
    fields = [
        "number",
        "purpose",
        ("signed_on", "starts_on", "ends_on"),
        ("budget_change", "new_total", "currency"),
        "signed_text",
        "documents",
        "opened_version",
    ]


class LegalStepInline(RecordInline):
    model = LegalStep
    form = LegalStepForm
    add_words = "Ajouter une délibération, une transmission, une approbation"
    fieldsets = folded(
        [("kind", "result"), ("done_on", "number"), "paper"],
        "Qui l’a prise, les voix, un document déjà déposé",
        [("partner", "organ"), ("votes_for", "votes_against", "abstentions"), "document"],
    )
    autocomplete_fields = ["partner", "document"]


def life_inline(line, article, fields) -> type[RecordInline]:
    """The lines of one kind that tell the life of a convention, folded where there are none."""
    return type(
        f"{line.__name__}Inline",
        (RecordInline,),
        {
            "model": line,
            "article": article,
            "fields": [*fields, "opened_version"],
            "classes": ["collapse"],
        },
    )


LIFE_INLINES = [
    life_inline(Signature, "une", [("kind", "signed_on", "date_words"), ("place", "signatories")]),
    life_inline(Situation, "une", [("kind", "since", "note"), "source"]),
    life_inline(Meeting, "une", [("held_on", "place"), "minutes"]),
    life_inline(
        Exchange,
        "un",
        [
            ("kind", "happened_on", "place"),
            ("from_benin", "from_partner"),
            "purpose",
            ("results", "report"),
        ],
    ),
    life_inline(CitedSource, "une", [("title", "address"), ("dated", "seen_on", "supports")]),
    life_inline(OtherValue, "une", [("about", "value", "why"), "source"]),
]


class FocalPointInline(PersonInline):
    model = FocalPoint
    fields = [
        ("side", "function"),
        ("name", "phone", "email"),
        ("since", "until"),
        "opened_version",
    ]
    classes = ["collapse"]


class DelegationInline(RecordInline):
    """Given and ended by the secretariat alone, whatever the state of the convention."""

    model = Delegation
    article = "une"
    fields = ["user", "opened_version"]

    def has_delete_permission(self, request, obj=None) -> bool:
        return request.user.has_perm("agreements.delete_delegation")
