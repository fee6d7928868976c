"""The inventory as a workbook of accords in use: three sheets, tied by their references.

What an import reads back from it: a file that comes back as it left changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Prefetch
from django.utils import timezone

from actions.models import Action, BudgetLine
from agreements.importing.layouts import ACCORDS, ACTIONS, EXCHANGES
from agreements.models import Convention, Exchange, State
from cooperation.values.places import BENIN
from reports.facts.entries import CHUNK
from reports.facts.inventory import Layout
from reports.spreadsheets import inventory_sheets

# States of accords as such workbooks call those that dates tell; "" for what its situations tell.
STATES = dict.fromkeys(State, "") | {
    State.IN_FORCE: "actif",
    State.ENDED: "expiré",
    State.UPCOMING: "à venir",
}


def accord_sheets(inventory, tell=lambda done: None) -> list[tuple]:
    """[(title, rows)], headings first; `tell` hears how many conventions are written."""
    about = [
        ["Inventaire", "Conventions publiées, dans la disposition du classeur des accords"],
        ["Périmètre", " ; ".join(inventory.scope) or "toutes les conventions publiées"],
        ["Arrêté au", inventory.day.isoformat()],
        ["Extrait le", timezone.localtime().strftime("%d/%m/%Y %H:%M")],
        ["Date_Fin", "celle du texte signé ; les avenants qui la changent sont dans l’inventaire"],
        ["Montant_Total", "l’ensemble prévu, s’il est d’une seule monnaie"],
        ["Point_Focal_Benin, Contact_Partenaire", "données personnelles : non publiées"],
    ]
    return [
        ("ACCORDS", table(ACCORDS, accords(inventory, tell))),
        ("ACTIONS_PROJETS", table(ACTIONS, actions(inventory))),
        ("ECHANGES_VISITES", table(EXCHANGES, exchanges(inventory))),
        ("À propos", about),
    ]


# The tables of an inventory, by its layout.
SHEETS = {Layout.REGISTRY: inventory_sheets, Layout.ACCORDS: accord_sheets}


def table(headings, rows) -> Iterator:
    """Rows of {heading: value}; what a row does not tell is empty."""
    yield list(headings)
    for row in rows:
        yield [row.get(heading) for heading in headings]


def joined(values) -> str:
    return " ; ".join(dict.fromkeys(filter(None, map(str, values))))


def chunks(keys) -> Iterator:
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]


def accords(inventory, tell) -> Iterator[dict]:
    done = 0
    for keys in chunks(inventory.keys):
        found = Convention.objects.published().with_term(inventory.day).filter(pk__in=keys)
        lines = ("parties__partner", "themes", "situations", "meetings", "exchanges")
        conventions = {one.pk: one for one in found.prefetch_related(*lines)}
        given = contributions(keys)
        for entry in inventory.entries(keys):
            done += 1
            tell(done)
            yield accord(conventions[entry.key], entry, given[entry.key], inventory.day)


def accord(convention, entry, given, day) -> dict:
    partners = convention.distinct_partners
    ours = [partner for partner in partners if partner.country == BENIN]
    theirs = [partner for partner in partners if partner not in ours]
    total = entry.totals[0] if len(entry.totals) == 1 else None
    held = [one.held_on for one in convention.meetings.all() if one.held_on]
    until = [one for one in held if one.first_day <= day]
    return {
        "Ref_Accord": convention.reference,
        "Commune_Benin": joined(ours),
        "Departement_Benin": joined(one.get_departement_display() for one in ours),
        "Collectivite_Partenaire": joined(theirs),
        "Pays_Partenaire": countries_of(theirs),
        "Type_Cooperation": convention.get_kind_display(),
        "Date_Signature": convention.signed_on,
        "Date_Debut": convention.starts_on,
        "Date_Fin": convention.ends_on,
        "Duree_Annees": in_years(convention.duration_months),
        "Secteurs_Intervention": joined(convention.themes.all()),
        "Objectifs": convention.objectives,
        "Montant_Total": total and total.amount,
        "Devise": total and total.currency,
        "Contributions_Benin": total and given.get((total.currency, True)),
        "Contributions_Partenaire": total and given.get((total.currency, False)),
        "Statut": state_of(convention, day),
        "Frequence_Reunions": convention.get_meeting_rhythm_display(),
        "Derniere_Reunion": max(until, default=None),
        "Prochaine_Reunion": min((one for one in held if one not in until), default=None),
        "Actions_Realisees": joined(
            one.title for one in entry.actions if one.state == Action.State.DONE
        ),
        "Echanges_Effectues": joined(one.told for one in convention.exchanges.all()),
        "Resultats_Obtenus": convention.results,
        "Difficultes": convention.difficulties,
        "Recommandations": convention.recommendations,
        "Fichier_Convention": f"{settings.SITE_URL}{convention.get_absolute_url()}",
        "Observations": convention.note,
    }


def countries_of(partners) -> str:
    """Their countries; where one of several is not known, that is said: the others' is not theirs."""
    names = {one.get_country_display() for one in partners}
    return "" if names == {""} else joined(name or "non précisé" for name in sorted(names))


def in_years(months) -> str | None:
    """« 3 », « 1,5 »; None where years do not tell it."""
    if not months or months % 6:
        return None
    return f"{months / 12:g}".replace(".", ",")


def state_of(convention, day) -> str:
    """As its dates tell it or, where something happened to it, in the words of its last situation."""
    if told := STATES[convention.state_on(day)]:
        return told
    last = [one for one in convention.situations.all() if one.kind == convention.situation]
    return last[-1].get_kind_display() if last else ""


def contributions(keys) -> dict:
    """{key: {(currency, whether of Benin): what its givers give}}, of amounts with one giver."""
    given = defaultdict(lambda: defaultdict(int))
    lines = BudgetLine.objects.counted().filter(convention__in=keys, funder__isnull=False)
    alone = lines.filter(joint_funders=None).order_by()
    for key, country, currency, amount in alone.values_list(
        "convention", "funder__country", "currency", "counted_amount"
    ):
        given[key][currency, country == BENIN] += amount
    return given


def actions(inventory) -> Iterator[dict]:
    for keys in chunks(inventory.keys):
        lines = Prefetch("budget_lines", BudgetLine.objects.counted().select_related("funder"))
        found = Action.objects.published().filter(convention__in=keys)
        by_convention = defaultdict(list)
        for action in found.select_related("convention").prefetch_related("places", lines):
            by_convention[action.convention_id].append(action)
        for key in keys:
            for action in by_convention[key]:
                yield action_row(action)


def action_row(action) -> dict:
    lines = list(action.budget_lines.all())
    currencies = {line.currency for line in lines}
    total = sum(line.counted_amount for line in lines) if len(currencies) == 1 else None
    funders = {line.funder for line in lines}
    return {
        "Ref_Action": action.reference,
        "Ref_Accord": action.convention.reference,
        "Commune_Benin": joined(action.places.all()),
        "Titre_Action": action.title,
        "Date_Debut": action.planned_start,
        "Date_Fin": action.planned_end,
        "Budget": f"{total:f} {currencies.pop()}" if total else None,
        "Financeur_Principal": str(funders.pop() or "") if total and len(funders) == 1 else None,
        "Beneficiaires": action.beneficiaries,
        "Resultats": action.results,
        "Statut": action.get_state_display(),
    }


def exchanges(inventory) -> Iterator[dict]:
    for keys in chunks(inventory.keys):
        by_convention = defaultdict(list)
        for one in Exchange.objects.filter(convention__in=keys).select_related("convention"):
            by_convention[one.convention_id].append(one)
        for key in keys:
            for one in by_convention[key]:
                yield {
                    "Ref_Echange": one.uid,
                    "Ref_Accord": one.convention.reference,
                    "Type_Echange": one.get_kind_display(),
                    "Date": one.happened_on,
                    "Lieu": one.place,
                    "Participants_Benin": one.from_benin,
                    "Participants_Partenaires": one.from_partner,
                    "Objectifs": one.purpose,
                    "Resultats": one.results,
                    "Rapport": one.report,
                }
