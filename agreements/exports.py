"""What a list of conventions gives to take away."""

from django.conf import settings
from django.db.models import Prefetch
from django.utils import timezone

from agreements.models import Convention, Party
from cooperation.exports import Column, Export, plain
from cooperation.indexing import NONE
from cooperation.models import ExchangeRate
from cooperation.money import cents, in_euros


def rows(user):
    parties = Prefetch("parties", Party.objects.select_related("partner"))
    visible = Convention.objects.visible_to(user).with_term().defer("search_text")
    return visible.prefetch_related(
        parties,
        "themes",
        "odds",
        "legal_steps",
        "actions__places",
        "budget_lines__funder",
        "indicators",
    )


def planned(currency):
    """Planned amounts in one currency, in cash and in kind; nothing where there are none."""

    def value(convention):
        amounts = [b.amount for b in convention.budget_lines.all() if b.currency == currency]
        return sum(amounts) if amounts else None

    return value


def in_other_currencies(convention):
    return [
        f"{line.amount} {line.currency}"
        for line in convention.budget_lines.all()
        if line.currency not in ("EUR", "XOF")
    ]


def in_kind(convention):
    return [
        f"{line.amount} {line.currency}"
        for line in convention.budget_lines.all()
        if line.nature == "valorisation"
    ]


def total_in_euros(convention, rates):
    amounts = [in_euros(b.amount, b.currency, rates) for b in convention.budget_lines.all()]
    known = [amount for amount in amounts if amount is not None]
    return cents(sum(known)) if known else None


def distinct(values):
    return list(dict.fromkeys(value for value in values if value))


def places(convention):
    return [place for action in convention.actions.all() for place in action.places.all()]


def columns():
    rates = ExchangeRate.objects.known_on()
    return [
        plain("Référence", "reference"),
        Column("Adresse", "url", lambda c: f"{settings.SITE_URL}{c.get_absolute_url()}"),
        plain("Intitulé", "title"),
        plain("Nature (code)", "kind"),
        Column("Nature", "kind_label", lambda c: c.get_kind_display() or None),
        Column("État (code)", "state", lambda c: c.state.value),
        Column("État", "state_label", lambda c: c.state.label),
        plain("Publication", "status"),
        plain("Signée", "signed_on"),
        plain("Début", "starts_on"),
        plain("Fin", "ends_on"),
        plain("Fin après avenants", "term"),
        Column("Parties", "parties", lambda c: [str(p.partner) for p in c.parties.all()]),
        Column(
            "Parties (codes)", "party_slugs", lambda c: [p.partner.slug for p in c.parties.all()]
        ),
        Column(
            "Rôles des parties", "party_roles", lambda c: [p.role or NONE for p in c.parties.all()]
        ),
        Column(
            "Rôles des parties (libellés)",
            "party_role_labels",
            lambda c: [p.get_role_display() or "non renseigné" for p in c.parties.all()],
        ),
        Column(
            "Pays (codes)",
            "countries",
            lambda c: distinct(p.partner.country for p in c.parties.all()),
        ),
        Column(
            "Pays",
            "country_labels",
            lambda c: distinct(p.partner.country_name for p in c.parties.all()),
        ),
        Column("Communes des actions", "places", lambda c: distinct(p.name for p in places(c))),
        Column("Thèmes (codes)", "themes", lambda c: [theme.slug for theme in c.themes.all()]),
        Column("Thèmes", "theme_labels", lambda c: [theme.name for theme in c.themes.all()]),
        Column("ODD", "odds", lambda c: [str(odd.number) for odd in c.odds.all()]),
        plain("Objectifs", "objectives"),
        Column("Montant prévu EUR", "planned_eur", planned("EUR")),
        Column("Montant prévu XOF", "planned_xof", planned("XOF")),
        Column("Montants prévus, autres monnaies", "planned_other", in_other_currencies),
        Column("Dont valorisation", "in_kind", in_kind),
        Column("Total converti en EUR", "planned_total_eur", lambda c: total_in_euros(c, rates)),
        Column(
            "Financeurs",
            "funders",
            lambda c: distinct(
                [b.funder.name for b in c.budget_lines.all() if b.funder and b.funder.is_published]
                + [p.partner.name for p in c.parties.all() if p.role == Party.Role.FUNDER]
            ),
        ),
        Column("Actions", "action_count", lambda c: len(c.actions.all())),
        Column("Étapes légales manquantes", "missing_legal_steps", lambda c: c.missing_legal_steps),
        plain("Source", "source"),
        Column("Modifiée le", "updated_at", lambda c: timezone.localtime(c.updated_at).isoformat()),
    ]


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


CONVENTIONS = Export(
    title="Conventions",
    filename="conventions",
    columns=columns,
    rows=rows,
    entry=feed_entry,
    deadlines=deadlines,
)
