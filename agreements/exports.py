"""What a list of conventions gives to take away."""

from collections.abc import Callable, Iterator

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from agreements.amounts import givers, planned
from agreements.models import Convention, LegalStep, Party, party_name, state_between
from cooperation.lists.exports import Export, grouped, own_headings, own_rows
from cooperation.lists.index import NONE
from cooperation.models import Document, ExchangeRate
from cooperation.records.gates import Status
from cooperation.values.dates import not_before
from cooperation.values.money import Nature, cents, in_euros
from cooperation.values.places import country_names

HEADINGS = {
    "reference": "Référence",
    "url": "Adresse",
    **own_headings(Convention),
    "state": "État (code)",
    "state_label": "État",
    "situation": "Situation (code)",
    "status": "Publication",
    "deduced_end": "Fin déduite de la durée",
    "term": "Fin après avenants",
    "predecessor": "Fait suite à",
    "framework": "Relève de",
    "parties": "Parties",
    "party_slugs": "Parties (codes)",
    "party_roles": "Rôles des parties",
    "party_role_labels": "Rôles des parties (libellés)",
    "countries": "Pays (codes)",
    "country_labels": "Pays",
    "places": "Communes des actions",
    "themes": "Thèmes (codes)",
    "theme_labels": "Thèmes",
    "odds": "ODD",
    "planned_eur": "Montant prévu EUR",
    "planned_xof": "Montant prévu XOF",
    "planned_other": "Montants prévus, autres monnaies",
    "in_kind": "Dont valorisation",
    "planned_total_eur": "Total converti en EUR",
    "funders": "Financeurs",
    "action_count": "Actions",
    "missing_legal_steps": "Étapes légales manquantes",
    "documents": "Documents",
    "source": "Source",
    "updated_at": "Modifiée le",
}
ROLES = dict(Party.Role.choices)


def rows(user, keys, day) -> Iterator:
    """(key, row) of the conventions so numbered that a person sees, in fifteen queries.

    States and terms are those of the day (default: today).
    """
    visible = Convention.objects.visible_to(user).with_term(day).filter(pk__in=keys).order_by()
    facts = [
        read(visible, keys)
        for read in (parties, money, links, documents_of(user), legal_steps, earlier_of(user))
    ]
    # Looked up once: it costs as much as a row.
    path = reverse("convention_detail", args=["REFERENCE"])
    for key, row in own_rows(
        visible, ["reference", "status", "deduced_end", "term", "begin", "situation"]
    ):
        begin, term, today = row.pop("begin"), row["term"], day or timezone.localdate()
        state = state_between(begin, term, today, row["has_no_term"], row["situation"])
        row |= {
            "url": settings.SITE_URL + path.replace("REFERENCE", row["reference"]),
            "state": state.value,
            "state_label": state.label,
        }
        for of in facts:
            row |= of(key)
        # Who is a party as a funder gives too.
        row["funders"] = distinct([*row["funders"], *row.pop("lenders")])
        yield key, row


# Each reads what one subject says of some conventions, in one or a few queries, and returns what
# gives the part of a row that it fills: key -> {name: value}.


def parties(visible, keys) -> Callable:
    countries = country_names()
    found = grouped(
        Party.objects.filter(convention__in=keys)
        .order_by("pk")
        .values_list(
            "convention",
            "role",
            "partner__slug",
            "partner__name",
            "partner__short_name",
            "partner__country",
            "arrondissement__name",
        )
    )

    def of(key):
        signing = found[key]
        codes = distinct(country for *_, country, _ in signing)
        return {
            "parties": [
                party_name(f"{name} ({short})" if short else name, part)
                for _, _, name, short, _, part in signing
            ],
            "party_slugs": [slug for _, slug, *_ in signing],
            "party_roles": [role or NONE for role, *_ in signing],
            "party_role_labels": [ROLES.get(role, "non renseigné") for role, *_ in signing],
            "countries": codes,
            "country_labels": [countries[code] for code in codes],
            "lenders": [name for role, _, name, *_ in signing if role == Party.Role.FUNDER],
        }

    return of


def links(visible, keys) -> Callable:
    """Themes, ODD, and actions with where they are."""
    themes = grouped(
        visible.filter(themes__isnull=False)
        .order_by("themes__name")
        .values_list("pk", "themes__slug", "themes__name")
    )
    odds = grouped(
        visible.filter(odds__isnull=False).order_by("odds").values_list("pk", "odds__number")
    )
    public = {"actions__places__status": Status.PUBLISHED}
    places = grouped(visible.filter(**public).values_list("pk", "actions__places__name"))
    actions = grouped(visible.filter(actions__isnull=False).values_list("pk", "actions"))
    return lambda key: {
        "themes": [slug for slug, _ in themes[key]],
        "theme_labels": [name for _, name in themes[key]],
        "odds": [str(number) for number in odds[key]],
        "places": distinct(places[key]),
        "action_count": len(actions[key]),
    }


def legal_steps(visible, keys) -> Callable:
    steps = LegalStep.objects.filter(convention__in=keys, result__in=LegalStep.COUNTED)
    found = grouped(steps.values_list("convention", "kind"))
    return lambda key: {
        "missing_legal_steps": [kind.label for kind in LegalStep.EXPECTED if kind not in found[key]]
    }


def documents_of(user) -> Callable:
    """Addresses of the documents that a person may open."""

    def documents(visible, keys):
        held = Document.objects.visible_to(user).filter(conventions__in=keys).order_by("pk")
        found = grouped(held.values_list("conventions", "reference"))
        path = settings.SITE_URL + reverse("document_download", args=["REFERENCE"])
        return lambda key: {"documents": [path.replace("REFERENCE", one) for one in found[key]]}

    return documents


def earlier_of(user) -> Callable:
    """References of the conventions that these follow, or are under, where a person sees them."""

    def earlier(visible, keys):
        pointed = Q(successors__in=keys) | Q(applications__in=keys)
        known = Convention.objects.visible_to(user).filter(pointed).order_by()
        before, over = {}, {}
        for reference, following, under in known.values_list(
            "reference", "successors", "applications"
        ):
            before[following], over[under] = reference, reference
        return lambda key: {"predecessor": before.get(key), "framework": over.get(key)}

    return earlier


def money(visible, keys) -> Callable:
    """Planned amounts and who gives them."""
    rates = ExchangeRate.objects.known_on()
    lines = grouped(planned(visible, "currency", "nature", "counted_amount"))
    funders = grouped((key, name) for key, _, name in givers(visible))
    return lambda key: sums_of(lines[key], rates) | {"funders": funders[key]}


def sums_of(lines, rates) -> dict:
    """Planned amounts: each currency apart, then what the rates convert together, to the cent."""
    by_currency = {"EUR": [], "XOF": []}
    for currency, _, amount, *_ in lines:
        by_currency.setdefault(currency, []).append(amount)
    known = [in_euros(amount, currency, rates) for currency, _, amount, *_ in lines]
    known = [amount for amount in known if amount is not None]
    euros, francs = by_currency.pop("EUR"), by_currency.pop("XOF")
    return {
        "planned_eur": sum(euros) if euros else None,
        "planned_xof": sum(francs) if francs else None,
        "planned_other": [f"{sum(amounts)} {code}" for code, amounts in by_currency.items()],
        "in_kind": [f"{a} {code}" for code, nature, a, *_ in lines if nature == Nature.IN_KIND],
        "planned_total_eur": cents(sum(known)) if known else None,
    }


def distinct(values) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))


def records(user) -> QuerySet:
    parties = Prefetch("parties", Party.objects.select_related("partner"))
    visible = Convention.objects.visible_to(user).with_term().defer("search_text", "objectives")
    return visible.prefetch_related(parties)


def feed_entry(convention) -> tuple:
    parties = " · ".join(partner.brief for partner in convention.distinct_partners)
    return convention.title, f"{parties} – {convention.period or 'dates non renseignées'}"


def upcoming(user) -> QuerySet:
    """Conventions whose end, or the date of a target, may be to come."""
    visible = Convention.objects.visible_to(user).with_term().only("reference", "title")
    ending, aiming = (
        visible.filter(Q(**later) | Q(**within)).order_by().values("pk")
        for later, within in (
            not_before(name, timezone.localdate()) for name in ("term", "indicators__target_on")
        )
    )
    return visible.filter(Q(pk__in=ending) | Q(pk__in=aiming)).prefetch_related("indicators")


def deadlines(convention) -> Iterator:
    """Its end, if it is to come, and its targets with a date."""
    today, address = timezone.localdate(), convention.get_absolute_url()
    if convention.term and convention.term.last_day >= today:
        yield (
            f"{convention.reference}-fin",
            convention.term,
            f"Fin de la convention : {convention.title}",
            address,
        )
    for target in convention.indicators.all():
        if target.target_on and target.target_on.last_day >= today:
            yield (
                f"{convention.reference}-cible-{target.pk}",
                target.target_on,
                f"Échéance : {target.name} ({convention.title})",
                address,
            )


CONVENTION_EXPORT = Export(
    title="Conventions",
    filename="conventions",
    headings=HEADINGS,
    rows=rows,
    records=records,
    entry=feed_entry,
    upcoming=upcoming,
    deadlines=deadlines,
)
