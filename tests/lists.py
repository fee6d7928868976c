"""What lists should say, in plain queries, and small registries to ask it of."""

import csv
import io
import random
from decimal import Decimal

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from actions.models import BudgetLine
from agreements.facets import CONVENTION_INDEX, convention_listing
from agreements.models import Convention, Party
from cooperation.models import ExchangeRate, Odd, Partner, Theme
from cooperation.records.gates import Status
from cooperation.values.money import PARITY
from tests.factories import (
    make_action,
    make_avenant,
    make_budget_line,
    make_convention,
    make_indicator,
    make_measurement,
    make_partner,
    published,
)

VISITOR = AnonymousUser()


def asked(user=VISITOR, **filters):
    data = QueryDict(mutable=True)
    for name, value in filters.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return convention_listing(data, user)


# What a facet means, in plain queries.
def planned(convention):
    rates = {"EUR": Decimal(1), "XOF": PARITY, "USD": Decimal("1.1")}
    lines = [
        line
        for line in convention.budget_lines.all()
        if line.currency in rates and line.standing in ("", "accorde")
    ]
    return round(sum(line.amount / rates[line.currency] for line in lines), 2) if lines else None


def in_bracket(records, value):
    least, most = {
        "0-9999": (0, 10_000),
        "10000-99999": (10_000, 100_000),
        "100000-999999": (100_000, 1_000_000),
        "1000000-": (1_000_000, 10**15),
        "non-renseigne": (None, None),
    }[value]
    keys = []
    for convention in records:
        amount = planned(convention)
        if (amount is None) if least is None else (amount is not None and least <= amount < most):
            keys.append(convention.pk)
    return records.filter(pk__in=keys)


def without_step(records, value):
    return records.exclude(legal_steps__kind=value)


def in_year(records, value):
    """Unknown terms count as far as this year."""
    found = Convention.objects.overlapping(int(value))
    if int(value) > timezone.localdate().year:
        found = found.filter(term__isnull=False)
    return records.filter(pk__in=found.values("pk"))


def with_results(records, value):
    keys = [
        convention.pk
        for convention in records
        if any(action.results for action in convention.actions.all())
        or any(indicator.measurements.exists() for indicator in convention.indicators.all())
    ]
    return records.filter(pk__in=keys) if value == "oui" else records.exclude(pk__in=keys)


def in_grouping(records, value):
    """« non-renseigne »: no commune signs, acts or belongs to a grouping that signs."""
    communes = Partner.objects.communes()
    found = Convention.objects.with_term().filter(pk__in=records.values("pk"))
    joined = {
        convention.pk: [
            one.member.slug
            for partner in convention.partners.all()
            for one in partner.memberships.all()
            if (one.member.kind, one.member.country) == ("commune", "BJ")
            if not (one.since and convention.term and one.since[:4] > convention.term[:4])
            if not (one.until and convention.begin and one.until[:4] < convention.begin[:4])
        ]
        for convention in found.prefetch_related("partners__memberships__member")
    }
    if value != "non-renseigne":
        return records.filter(pk__in=[key for key, slugs in joined.items() if value in slugs])
    near = Q(parties__partner__in=communes) | Q(actions__places__in=communes)
    placed = Convention.objects.filter(near).values("pk")
    return records.exclude(pk__in=placed).exclude(
        pk__in=[k for k, slugs in joined.items() if slugs]
    )


PLAIN = {
    "state": lambda records, value: records.filter(
        pk__in=Convention.objects.in_state(value).values("pk")
    ),
    "country": lambda records, value: records.with_party(country=value),
    "departement": lambda records, value: records.located_in(departement=value),
    "commune": lambda records, value: records.located_in(slug=value, kind="commune", country="BJ"),
    "member": in_grouping,
    "partner": lambda records, value: records.with_party(slug=value),
    "partner_kind": lambda records, value: records.with_party(kind=value),
    "role": lambda records, value: records.filter(parties__role=value),
    "theme": lambda records, value: records.filter(themes__slug=value),
    "odd": lambda records, value: records.filter(odds=value),
    "kind": lambda records, value: records.filter(kind="" if value == "non-renseigne" else value),
    "provenance": lambda records, value: records.filter(
        provenance="" if value == "non-renseigne" else value
    ),
    "year": in_year,
    "ends": lambda records, value: records.filter(
        pk__in=Convention.objects.with_term().filter(term__startswith=value).values("pk")
    ),
    "funder": lambda records, value: records.filter(
        Q(budget_lines__funder__slug=value, budget_lines__standing__in=["", "accorde"])
        | Q(pk__in=Party.objects.filter(role="bailleur", partner__slug=value).values("convention"))
    ),
    "amount": in_bracket,
    "currency": lambda records, value: records.filter(budget_lines__currency=value),
    "missing": without_step,
    "results": with_results,
}


class Registry:
    """Made-up records of every kind, changed at random."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        pick = self.chance
        self.partners = [
            make_partner(departement=pick.choice(["borgou", "plateau", "littoral"]))
            for _ in range(6)
        ] + [
            make_partner(
                country=pick.choice(["FR", "HT", ""]), kind=pick.choice(["ong", "groupement"])
            )
            for _ in range(6)
        ]
        for grouping in self.partners[6:8]:
            grouping.members.set(self.partners[:3])
            # In years alone: which day of it is not known.
            grouping.memberships.filter(member=self.partners[1]).update(since="2018")
            grouping.memberships.filter(member=self.partners[2]).update(until="2014")
        self.themes = [Theme.objects.create(name=f"T{n}", slug=f"t{n}") for n in range(4)]
        self.odds = Odd.objects.bulk_create(Odd(number=n, name=f"O{n}") for n in range(1, 4))
        ExchangeRate.objects.create(currency="USD", day="2020-01-01", per_euro="1.1", source="BCE")
        for _ in range(40):
            self.add()

    def add(self):
        pick = self.chance
        start = pick.choice([None, "1998", "2019-05", "2024-02-10", "2030"])
        end = pick.choice([None, "2031", "2033-07"]) if start else None
        status = published() if pick.random() < 0.8 else {}
        convention = make_convention(
            pick.sample(self.partners, pick.randint(0, 3)),
            starts_on=start,
            ends_on=end if pick.random() < 0.5 or not start else str(int(start[:4]) + 2),
            signed_on=pick.choice([None, "1997-03"]),
            kind=pick.choice(["", "jumelage", "accord"]),
            provenance=pick.choice(["", "a-verifier", "confirmee"]),
            **status,
        )
        convention.themes.set(pick.sample(self.themes, pick.randint(0, 2)))
        convention.odds.set(pick.sample(self.odds, pick.randint(0, 2)))
        for party in convention.parties.all():
            party.role = pick.choice(["", "bailleur", "signataire"])
            party.save()
        if start and pick.random() < 0.4:
            for signed in pick.sample(["2000", "2021-01-01", "2035"], 2):
                make_avenant(
                    convention, signed_on=signed, ends_on=pick.choice(["2036", "2040-01"]), **status
                )
        for _ in range(pick.choice([0, 0, 1, 2])):
            make_budget_line(
                convention,
                amount=pick.choice(["9999.99", "10000", "655957", "70000000", "1000000"]),
                currency=pick.choice(["EUR", "XOF", "USD", "GBP"]),
                nature=pick.choice(["", "numeraire", "valorisation"]),
                funder=pick.choice([None, *self.partners]),
                standing=pick.choice(["", "", "accorde", "demande"]),
            )
        for kind in pick.sample(
            ["deliberation", "transmission", "approbation"], pick.randint(0, 3)
        ):
            convention.legal_steps.create(kind=kind)
        for _ in range(pick.choice([0, 1, 2])):
            make_action(
                convention,
                places=pick.sample(self.partners[:6], pick.randint(0, 2)),
                results=pick.choice(["", "Fait"]),
            )
        if pick.random() < 0.2:
            make_measurement(make_indicator(convention), 3)

    def change(self):
        """One change of one kind, through the paths that people take."""
        pick = self.chance
        convention = pick.choice(list(Convention.objects.all()))
        match pick.randrange(9):
            case 0:
                self.add()
            case 1:
                convention.kind = pick.choice(["", "jumelage", "accord"])
                convention.save()
            case 2:
                Convention.objects.filter(pk=convention.pk).update(starts_on="2001", ends_on="2003")
            case 3:
                convention.themes.set(pick.sample(self.themes, 1))
            case 4:
                Party.objects.filter(convention=convention).take_back()
            case 5:
                partner = pick.choice(self.partners)
                partner.country = "BJ" if partner.departement else pick.choice(["TG", "FR"])
                partner.save()
            case 6:
                BudgetLine.objects.filter(convention=convention).take_back()
            case 7:
                action = make_action(convention, results="Fait")
                action.places.set(pick.sample(self.partners[:6], 1))
            case 8:
                Convention.objects.filter(pk=convention.pk).update(
                    **published(status=pick.choice([Status.PUBLISHED, Status.WITHDRAWN]))
                )

    def filters(self):
        """A few values of a few facets, taken from those that there are."""
        pick = self.chance
        with CONVENTION_INDEX as index:
            names = pick.sample(list(PLAIN), pick.choice([0, 1, 1, 2, 3]))
            values = {name: list(index.labels(name)) for name in names}
        return {
            n: pick.sample(v, min(len(v), pick.choice([1, 1, 2]))) for n, v in values.items() if v
        }


def told(index):
    """All that an index says."""
    with index:
        held = {n: {v: set(k) for v, k in held.items() if k} for n, held in index.held.items()}
        words = [{w: set(k) for w, k in zone.records.items() if k} for zone in index.words]
        labels = {name: index.labels(name) for name in index.facets}
    return held, words, labels, index.sums


def taken(client, kind, extension, **filters):
    response = client.get(reverse(f"{kind}_export", args=[extension]), filters)
    assert response.status_code == 200
    assert "attachment" in response["Content-Disposition"]
    return b"".join(response.streaming_content)


def csv_rows(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
