"""How the cells of lists are read whose meaning this app knows: conventions, parties, themes, ODD."""

import re

from django.core.exceptions import ValidationError

from agreements.models import Convention, LegalStep, Party, Situation
from cooperation.importing.columns import (
    Facts,
    Several,
    labelled,
    partner,
    parts_of,
    read_each,
    several,
)
from cooperation.models import Import, ImportRow, Partner
from cooperation.records.references import CONVENTION_REFERENCE
from cooperation.values.places import country_choices
from cooperation.values.text import fold

# Of how many conventions that hold the words of a title it is compared.
MOST_TITLED = 50


def as_typed(text, importer) -> str:
    return text


def partner_names() -> list[str]:
    """For the drop-down list; another name may be typed."""
    named = Partner.objects.published().filter(conventions__isnull=False)
    names = {*named.values_list("name", flat=True)}
    names.update(Partner.objects.published().communes().values_list("name", flat=True))
    return sorted(names, key=fold)


def theme(text, importer) -> int:
    return importer.read_theme(text, importer)


def odd(text, importer) -> int:
    """« 6 », « ODD 6 » or « ODD 6 – Eau propre et assainissement »."""
    number = (fold(text).removeprefix("odd").split() or [""])[0]
    if not re.fullmatch(r"\d{1,2}", number, re.ASCII) or int(number) not in importer.odds:
        raise ValidationError(f"« {text} » n’est pas un ODD. Écrivez son numéro, de 1 à 17.")
    return int(number)


def odds(text, importer) -> list[int]:
    """« 6 ; 11 », « 6, 11 », or a number alone."""
    return several(odd)(text.replace(",", ";"), importer)


# Natures as lists call them.
NATURES = {
    "programme d actions": Convention.Kind.PROGRAMME,
    "programme d action": Convention.Kind.PROGRAMME,
    "convention de partenariat": Convention.Kind.CONVENTION,
    "accord de cooperation": Convention.Kind.PARTNERSHIP,
    "accord d amitie et de cooperation": Convention.Kind.FRIENDSHIP,
}
OWN_NATURES = {fold(str(text)) for pair in Convention.Kind.choices for text in pair}
ask_nature = labelled(dict(Convention.Kind.choices))


def nature(text, importer) -> str | Facts | None:
    """A nature of ours; one that the list names otherwise is kept with its own words."""
    kind = NATURES.get(fold(text)) or ask_nature(text, importer)
    if kind is None or fold(text) in OWN_NATURES:
        return kind
    return Facts(kind=kind, kind_words=text)


def linked(text, importer) -> int | dict:
    """The convention of a reference, or that a row of the same file or one of the registry is called.

    Its key, or {"row": line} of one that is to be made.
    """
    linkable = Convention.objects.linkable_by(importer.user).current()
    held = linkable.filter(reference=text.upper())
    if key := held.values_list("pk", flat=True).first():
        return key
    line = importer.own.named(text)
    if line is not None:
        if line == importer.line and importer.model is Convention:
            raise ValidationError("Une convention ne se désigne pas elle-même.")
        return importer.own.meant(line)
    if reference := brought_as(text, importer):
        key = linkable.filter(reference=reference).values_list("pk", flat=True).first()
        if key:
            return key
    titled = conventions_titled(text, importer.user)
    if len(titled) == 1:
        return titled[0]
    if titled:
        raise ValidationError(f"Plusieurs conventions s’appellent « {text[:80]} » : sa référence ?")
    raise ValidationError(
        f"« {text[:80]} » n’est ni la référence ni l’intitulé d’une convention à vous ou de ce fichier."
    )


def brought_as(text, importer) -> str:
    """The reference of the one record that earlier lists, which this person may read, call so; or ""."""
    if text not in importer.own.brought:
        jobs = Import.objects.visible_to(importer.user).filter(state=Import.State.WRITTEN)
        rows = ImportRow.objects.filter(job__in=jobs, sheet=0, values__own=text).exclude(target="")
        targets = set(rows.values_list("target", flat=True))
        importer.own.brought[text] = targets.pop() if len(targets) == 1 else ""
    return importer.own.brought[text]


def conventions_titled(text, user) -> list[int]:
    """Keys of the conventions that a person may name and that have this title, two at most."""
    words = Convention.objects.linkable_by(user).current().filter(search_text__contains=fold(text))
    titles = words.order_by("pk").values_list("pk", "title")
    return [key for key, title in titles[:MOST_TITLED] if fold(title) == fold(text)][:2]


def role_of(text) -> dict:
    """What is said of a party behind its name: a role, or a precision on it."""
    for role in Party.Role:
        if fold(text) in (fold(role.label), fold(role.value)):
            return {"role": role.value}
    return {"note": text}


def parties(text, importer) -> Several:
    """« Albi ; Gourma|appui technique »: several parties in one cell, each with its role behind."""
    return Several(read_each(party, parts_of(text), importer))


def party(text, importer) -> Facts:
    name, _, said = (piece.strip() for piece in text.partition("|"))
    return Facts(partner=partner(name, importer), **(role_of(said) if said else {}))


read_country = labelled(dict(country_choices()))


def country(text, importer) -> str | None:
    """The country of a party; those of several are kept aside, for which is whose is not told."""
    if len(parts_of(text)) > 1:
        return importer.set_aside(text)
    return read_country(text, importer)


def years(text, importer) -> Facts:
    """A duration in years, in months: « 3 », « 1,5 »."""
    number = re.fullmatch(r"(\d{1,3})(?:[.,](\d))?(?: ans?)?", text.strip(), re.ASCII)
    months = number and int(number[1]) * 12 + round(int(number[2] or 0) * 1.2, 1)
    if not months or months != int(months):
        raise ValidationError(f"« {text[:40]} » n’est pas une durée en années : 3 ou 1,5.")
    return Facts(duration_months=int(months))


def own_reference(text, importer) -> str:
    """The reference that a list gives its rows; one that is not the registry’s is kept aside."""
    if not re.fullmatch(CONVENTION_REFERENCE, text.upper()):
        importer.set_aside(text)
    return text


# States that the dates of a convention tell, and that nobody enters.
DERIVED = {
    "actif",
    "active",
    "en cours",
    "en vigueur",
    "expire",
    "expiree",
    "termine",
    "terminee",
    "a venir",
}
SITUATIONS = {fold(label): value for value, label in Situation.Kind.choices}
ask_situation = labelled(dict(Situation.Kind.choices))


def situation(text, importer) -> str | None:
    """A situation of its life, in either gender; one that dates tell is kept aside."""
    if fold(text) in DERIVED:
        return importer.set_aside(text)
    return SITUATIONS.get(fold(f"{text}e")) or ask_situation(text, importer)


def legal_number(text, importer) -> str:
    """« 12/2019 », unless a spreadsheet has made a date of it."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValidationError(
            f"« {text} » : votre tableur a fait une date de ce numéro. Mettez la cellule en texte."
        )
    return LegalStep._meta.get_field("number").formfield().clean(text)
