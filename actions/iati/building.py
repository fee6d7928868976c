"""Records as an IATI file would make them, unsaved, and what keeps them from being made."""

from collections import Counter
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.db import models

from actions.iati import facts
from actions.models import (
    Action,
    Axis,
    BudgetLine,
    Disbursement,
    Indicator,
    Instalment,
    Measurement,
)
from agreements.models import Avenant, Convention, LegalStep, Party
from cooperation.importing.comparing import check_record
from cooperation.models import Partner, PartnerCode

# {element: (model, fields, what its lines are lines of by)}
MODELS = {
    "party": (Party, facts.PARTY, "convention"),
    "avenant": (Avenant, facts.AVENANT, "convention"),
    "legal-step": (LegalStep, facts.LEGAL_STEP, "convention"),
    **{
        tag: (Convention._meta.get_field(relation).related_model, names, "convention")
        for tag, (relation, names) in facts.LIFE.items()
    },
    "axis": (Axis, facts.AXIS, "convention"),
    "budget-line": (BudgetLine, facts.BUDGET_LINE, "convention"),
    "instalment": (Instalment, facts.INSTALMENT, "budget_line"),
    "disbursement": (Disbursement, facts.DISBURSEMENT, "budget_line"),
    "indicator": (Indicator, facts.INDICATOR, "convention"),
    "measurement": (Measurement, facts.MEASUREMENT, "indicator"),
}
RECORDS = {"convention": (Convention, facts.CONVENTION), "action": (Action, facts.ACTION)}
# Fields that name a partner.
PARTNERS = ("partner", "funder", "through", "payee", "place")
# Lines that an action may have; a convention has any.
OF_ACTIONS = {"budget-line", "instalment", "disbursement", "indicator", "measurement"}


def built(found, **known) -> tuple:
    """The record as it would be, unsaved; [[heading, message], …] of what no rule lets be.

    `known`: what the registry's own lists hold, by the name of the link to them; of arrondissements,
    {code: slug of its commune}.
    """
    errors, record, numbers = list(strange_lines(found)), None, Counter()
    lines = placed_lines(found.lines, "convention")
    for element, texts, _ in [(found.kind, found.fields, None), *lines]:
        model, names = RECORDS.get(element) or MODELS[element][:2]
        try:
            one = filled(model(), texts, names)
            check(one, texts)
        except ValidationError as error:
            errors += row_errors(error, model)
            continue
        record = record or one
        if element in ("avenant", "axis") and one.number:
            numbers[element, one.number] += 1
    errors += [
        [label_of(element), f"Deux lignes portent le numéro {number}."]
        for (element, number), count in numbers.items()
        if count > 1
    ]
    for name, held in known.items():
        if strange := sorted(set(found.links.get(name, ())) - set(map(str, held))):
            errors.append([name, f"« {strange[0][:80]} » n’est pas dans le registre."])
    for texts in found.lines.get("party", ()):
        code = texts.get("arrondissement")
        if code and known["arrondissements"].get(code) != texts.get("partner"):
            told = f"« {code[:80]} » n’est pas un arrondissement de cette partie."
            errors.append([label_of("party"), told])
    return record, errors


def placed_lines(lines, owner) -> Iterator:
    """(element, texts, what it is a line of) of each, at any depth."""
    for element, some in lines.items():
        for texts in some:
            yield element, texts, owner
            yield from placed_lines(texts.get("lines", {}), element.replace("-", "_"))


def strange_lines(found) -> Iterator:
    """[heading, message] of lines that stand where they have no place, or name what is not there."""
    avenants = {texts.get("number") for texts in found.lines.get("avenant", ())}
    for element, texts, owner in placed_lines(found.lines, "convention"):
        whole, label = MODELS[element][2], label_of(element)
        if owner != whole or (found.kind == "action" and element not in OF_ACTIONS):
            yield [label, f"« {element} » n’a pas sa place à cet endroit du fichier."]
        keys = [*map(texts.get, PARTNERS), *texts.get("joint_funders", "").split()]
        for key in filter(None, keys):
            if key not in found.partners:
                yield [label, f"« {key[:80]} » n’est pas parmi les partenaires du fichier."]
        if element == "party" and not texts.get("partner"):
            yield [label, "Elle ne dit pas quel partenaire est partie."]
        if texts.get("added_by") and texts["added_by"] not in avenants:
            yield [label, f"« {texts['added_by'][:80]} » n’est pas un avenant de cette activité."]
    for name in ("places", "implementers"):
        for key in found.links.get(name, ()):
            if key not in found.partners:
                yield ["", f"« {key[:80]} » n’est pas parmi les partenaires du fichier."]


def label_of(element) -> str:
    return str(MODELS[element][0]._meta.verbose_name)


def filled(record, texts, names) -> models.Model:
    """The record with the values of a file; ValidationError for one that a field cannot hold."""
    errors = {}
    for name in names.split():
        field = record._meta.get_field(name)
        # Links are made by those who know what they lead to; references are given, not taken.
        if texts.get(name) in (None, "") or field.remote_field or not field.editable:
            continue
        try:
            setattr(record, name, field.to_python(texts[name]))
        except ValidationError as error:
            errors[name] = error
    if errors:
        raise ValidationError(errors)
    return record


def check(record, texts) -> None:
    """The rules of the model that do not depend on other records."""
    linked = {field.name for field in record._meta.fields if field.remote_field}
    check_record(record, exclude=linked if texts.get("number") else {*linked, "number"})


def new_partner(about) -> tuple:
    """A draft partner and its official codes, unsaved."""
    partner = filled(Partner(slug=about.get("slug", "")), about, facts.PARTNER)
    codes = []
    for code in about.get("codes", "").split():
        scheme, _, number = code.partition(":")
        if scheme in PartnerCode.Scheme.values and number:
            codes.append(PartnerCode(scheme=scheme, code=number.replace(":", " ")))
    return partner, codes


def row_errors(error, model=None) -> list:
    """[[heading, message], …] of a ValidationError."""
    if not hasattr(error, "error_dict"):
        return [["", message] for message in error.messages]
    return [
        [str(model._meta.get_field(name).verbose_name) if model and name != "__all__" else "", text]
        for name, texts in error.message_dict.items()
        for text in texts
    ]
