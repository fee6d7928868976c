"""What a list of conventions gives to take away."""

from django.conf import settings
from django.db.models import Prefetch
from django.urls import reverse
from django.utils import timezone

from agreements.models import Convention, LegalStep, Party, state_between
from cooperation.lists.exports import Export, grouped
from cooperation.lists.index import NONE
from cooperation.models import ExchangeRate
from cooperation.records.gates import Status
from cooperation.values.money import Nature, cents, in_euros
from cooperation.values.places import country_names

HEADINGS = {
    "reference": "Référence",
    "url": "Adresse",
    "title": "Intitulé",
    "kind": "Nature (code)",
    "kind_label": "Nature",
    "state": "État (code)",
    "state_label": "État",
    "status": "Publication",
    "signed_on": "Signée",
    "starts_on": "Début",
    "ends_on": "Fin",
    "term": "Fin après avenants",
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
    "objectives": "Objectifs",
    "planned_eur": "Montant prévu EUR",
    "planned_xof": "Montant prévu XOF",
    "planned_other": "Montants prévus, autres monnaies",
    "in_kind": "Dont valorisation",
    "planned_total_eur": "Total converti en EUR",
    "funders": "Financeurs",
    "action_count": "Actions",
    "missing_legal_steps": "Étapes légales manquantes",
    "source": "Source",
    "updated_at": "Modifiée le",
}
# As the registry holds them, empty where it does not say.
FIELDS = ["reference", "title", "kind", "status", "signed_on", "starts_on", "ends_on", "term"]
FIELDS += ["objectives", "source", "updated_at", "begin"]
KINDS, ROLES = dict(Convention.Kind.choices), dict(Party.Role.choices)


def rows(user, keys, day):
    """(key, row) of the conventions so numbered that a person sees, in eight queries.

    States and terms are those of the day (today unless told).
    """
    visible = Convention.objects.visible_to(user).with_term(day).filter(pk__in=keys).order_by()
    public = {"actions__places__status": Status.PUBLISHED}
    parties = grouped(
        Party.objects.filter(convention__in=keys)
        .order_by("pk")
        .values_list(
            "convention",
            "role",
            "partner__slug",
            "partner__name",
            "partner__short_name",
            "partner__country",
        )
    )
    places = grouped(visible.filter(**public).values_list("pk", "actions__places__name"))
    themes = grouped(
        visible.filter(themes__isnull=False)
        .order_by("themes__name")
        .values_list("pk", "themes__slug", "themes__name")
    )
    odds = grouped(
        visible.filter(odds__isnull=False).order_by("odds").values_list("pk", "odds__number")
    )
    steps = grouped(LegalStep.objects.filter(convention__in=keys).values_list("convention", "kind"))
    actions = grouped(visible.filter(actions__isnull=False).values_list("pk", "actions"))
    lines = grouped(
        visible.filter(budget_lines__isnull=False)
        .order_by("budget_lines")
        .values_list(
            "pk",
            "budget_lines__currency",
            "budget_lines__nature",
            "budget_lines__amount",
            "budget_lines__funder__name",
            "budget_lines__funder__status",
        )
    )
    rates, countries = ExchangeRate.objects.known_on(), country_names()
    zone = timezone.get_current_timezone()
    # Looked up once: it costs as much as a row.
    path = reverse("convention_detail", args=["REFERENCE"])
    for key, *values in visible.values_list("pk", *FIELDS):
        row = dict(zip(FIELDS, (value or None for value in values), strict=True))
        state = state_between(row.pop("begin"), row["term"], day or timezone.localdate())
        signing = parties[key]
        codes = distinct(country for *_, country in signing)
        held = set(steps[key])
        row |= {
            "url": settings.SITE_URL + path.replace("REFERENCE", row["reference"]),
            "kind_label": KINDS.get(row["kind"]),
            "state": state.value,
            "state_label": state.label,
            "parties": [f"{name} ({short})" if short else name for _, _, name, short, _ in signing],
            "party_slugs": [slug for _, slug, *_ in signing],
            "party_roles": [role or NONE for role, *_ in signing],
            "party_role_labels": [ROLES.get(role, "non renseigné") for role, *_ in signing],
            "countries": codes,
            "country_labels": [countries[code] for code in codes],
            "places": distinct(places[key]),
            "themes": [slug for slug, _ in themes[key]],
            "theme_labels": [name for _, name in themes[key]],
            "odds": [str(number) for number in odds[key]],
            "action_count": len(actions[key]),
            "missing_legal_steps": [
                label for kind, label in LegalStep.Kind.choices if kind not in held
            ],
            "funders": distinct(
                [name for *_, name, status in lines[key] if status == Status.PUBLISHED]
                + [name for role, _, name, *_ in signing if role == Party.Role.FUNDER]
            ),
            "updated_at": row["updated_at"].astimezone(zone).isoformat(),
            **money(lines[key], rates),
        }
        yield key, row


def money(lines, rates):
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


def distinct(values):
    return list(dict.fromkeys(value for value in values if value))


def records(user):
    parties = Prefetch("parties", Party.objects.select_related("partner"))
    visible = Convention.objects.visible_to(user).with_term().defer("search_text", "objectives")
    return visible.prefetch_related(parties, "indicators")


def feed_entry(convention):
    parties = " · ".join(partner.brief for partner in convention.distinct_partners)
    return convention.title, f"{parties} – {convention.period or 'dates non renseignées'}"


def deadlines(conventions):
    """Ends that are to come, and targets with a date."""
    today = timezone.localdate()
    for convention in conventions:
        address = convention.get_absolute_url()
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
    deadlines=deadlines,
)
