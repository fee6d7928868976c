"""What a column of a list holds, how it is read, and what the template offers to choose."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst

from cooperation.importing.matching import Doubt
from cooperation.models import Arrondissement, Partner
from cooperation.values.text import fold


class Facts(dict):
    """Several values that one cell tells: an amount with its currency."""


class Several(list):
    """Several lines that one cell tells, the Facts of each: « Albi ; Gourma|appui »."""


# Columns that refused rows carry, and that an import passes over.
LINE, TROUBLE = "Ligne du fichier", "Ce qui ne va pas"
YES_NO = {True: "oui", False: "non"}


@dataclass(frozen=True, eq=False)
class Column:
    """One column; one that belongs to a line of the record names its `group`.

    `name` is the field that it fills: of the record, or of the line. `line` is what a line always
    is ({"kind": "deliberation"}); a column without it stands once for each line, and its heading
    carries a number: « Partie 1 », « Partie 2 ».
    """

    name: str
    heading: str
    read: Callable
    help: str = ""
    group: str = ""
    line: dict = field(default_factory=dict)
    # What the drop-down list of the template offers.
    choices: Callable[[], list[str]] | None = None
    required: bool = False
    # Other headings by which lists in use name it.
    also: tuple[str, ...] = ()
    # Read where a list has it, and left out of the template: few have something to say there.
    is_rare: bool = False
    # Read before the others, which it helps to read.
    comes_first: bool = False

    @property
    def is_numbered(self) -> bool:
        return bool(self.group) and not self.line

    def heading_of(self, number) -> str:
        """Its heading, with the number of its line where it has one: « Partie 2 »."""
        return f"{self.heading} {number}" if number else self.heading


def plain(model, name, heading=None, **facts) -> Column:
    """The column of a model field, read as its form field reads it."""
    target = model._meta.get_field(name)
    heading = heading or capfirst(target.verbose_name)
    if target.choices:
        labels = dict(target.flatchoices)
        facts.setdefault("choices", lambda: list(labels.values()))
        if len(labels) <= 12:
            facts.setdefault("help", "Au choix : " + " ; ".join(map(str, labels.values())) + ".")
        return Column(name, heading, labelled(labels), **facts)
    if isinstance(target, models.BooleanField):
        facts.setdefault("choices", lambda: list(YES_NO.values()))
        facts.setdefault("help", "Au choix : oui ; non.")
        return Column(name, heading, labelled(YES_NO, asks=False), **facts)
    typed = {"assume_scheme": "https"} if isinstance(target, models.URLField) else {}
    if isinstance(target, models.DecimalField):
        typed = {"localize": True}  # « 9,337 »
    reader = target.formfield(**typed)
    reader.required = False
    facts.setdefault("help", str(reader.help_text))
    is_whole = isinstance(target, models.IntegerField)

    def read(text, importer):
        if is_whole and not re.fullmatch(
            r"\d{1,3}([ \u00a0\u202f]\d{3})+|\d{1,12}", text, re.ASCII
        ):
            raise ValidationError(f"« {text[:40]} » n’est pas un nombre entier : 117 000.")
        return reader.clean(re.sub(r"\s", "", text) if is_whole else text)

    return Column(name, heading, read, **facts)


def own_columns(model, *, group="", line=None, without=(), **facts) -> list[Column]:
    """The columns of all that people enter of a record, or of a line of one, in the model's order.

    `facts` are what is to be said of some: {name: {"heading", "help", "also", "required", "is_rare"}}.
    A field that is new to the model is a column at once.
    """
    return [
        plain(model, name, group=group, line=line or {}, **facts.get(name, {}))
        for name in model.entered_fields()
        if name not in without
    ]


def labelled(labels, *, asks=True) -> Callable:
    """Reads one of {stored value: label}, by either, without accents or case.

    Which one another word means is asked, once for all rows; or refused, where nobody could say.
    """
    known = {fold(str(text)): value for value, label in labels.items() for text in (value, label)}
    choices = tuple((str(value), str(label)) for value, label in labels.items())

    def read(text, importer):
        value = known.get(fold(text))
        if value is None and asks:
            return importer.word_meant(text, choices, labels)
        if value is None:
            shown = " ; ".join(str(label) for label in list(labels.values())[:12])
            more = "…" if len(labels) > 12 else ""
            raise ValidationError(f"« {text} » n’est pas dans la liste : {shown}{more}.")
        return value

    return read


def parts_of(text) -> list[str]:
    """What semicolons or line ends separate."""
    return [part.strip() for part in text.replace("\n", ";").split(";") if part.strip()]


def several(read) -> Callable:
    """Reads values separated by semicolons or line ends; those that are set aside are not among them."""

    def read_all(text, importer):
        values = dict.fromkeys(read_each(read, parts_of(text), importer))
        return [value for value in values if value is not None]

    return read_all


def read_each(read, parts, importer) -> list:
    """What each part says; Doubt of all that are doubtful, so that they are asked at once."""
    values, doubts = [], []
    for part in parts:
        try:
            values.append(read(part, importer))
        except Doubt as doubt:
            doubts.append(doubt)
    if doubts:
        raise replace(doubts[0], others=tuple(doubts[1:]))
    return values


def partner(text, importer) -> int | dict:
    """The key of the partner so named; one that is to be made is {"name": …}."""
    country = importer.told.get("country", "")
    key = importer.matcher.find(text, country)
    if key is not None:
        return key
    if not fold(text) or len(text) > Partner._meta.get_field("name").max_length:
        raise ValidationError(f"« {text[:40]} » ne peut pas être le nom d’un partenaire.")
    return {"name": text}


def arrondissement(text, importer) -> int:
    """The key of the arrondissement that a code or a name means: « Takon (Sakété) », or « Takon »."""
    found = importer.arrondissements.get(fold(text), ())
    if len(found) == 1:
        return found[0]
    if found:
        raise ValidationError(
            f"Plusieurs arrondissements s’appellent « {text[:60]} » : écrivez aussi sa commune, "
            f"« {text[:60]} (Parakou) »."
        )
    raise ValidationError(f"« {text[:60]} » n’est pas un arrondissement du Bénin.")


def arrondissements_by_name() -> dict[str, list[int]]:
    """{folded code, name, or name and commune: keys}"""
    known = {}
    for one in Arrondissement.objects.select_related("commune"):
        for text in {fold(one.code), fold(one.name), fold(str(one))}:
            known.setdefault(text, []).append(one.pk)
    return known
