"""Counts beside facets are those of plain queries, whatever the filters, and stay so as records change."""

import json
import random
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.db.models import Q
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from actions.facets import ACTION_INDEX
from actions.models import BudgetLine
from agreements.facets import CONVENTION_INDEX, convention_listing
from agreements.models import Convention, Party
from cooperation.facets import PARTNER_INDEX
from cooperation.lists.index import Index
from cooperation.models import ExchangeRate, JournalEntry, Odd, Partner, Theme
from cooperation.records.gates import Status
from cooperation.roles import Role
from cooperation.values.money import PARITY
from tests.factories import (
    make_action,
    make_avenant,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_document,
    make_indicator,
    make_measurement,
    make_partner,
    make_user,
    published,
)

VISITOR = AnonymousUser()


def asked(user=VISITOR, **filters):
    data = QueryDict(mutable=True)
    for name, value in filters.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return convention_listing(data, user)


def counts(listing, name):
    return dict(listing.counts[name])


# What a facet means, in plain queries.
def planned(convention):
    rates = {"EUR": Decimal(1), "XOF": PARITY, "USD": Decimal("1.1")}
    lines = [line for line in convention.budget_lines.all() if line.currency in rates]
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


def told(records, value):
    keys = [
        convention.pk
        for convention in records
        if any(action.results for action in convention.actions.all())
        or any(indicator.measurements.exists() for indicator in convention.indicators.all())
    ]
    return records.filter(pk__in=keys) if value == "oui" else records.exclude(pk__in=keys)


def in_year(records, value):
    """Unknown terms count as far as this year."""
    found = Convention.objects.overlapping(int(value))
    if int(value) > timezone.localdate().year:
        found = found.filter(term__isnull=False)
    return records.filter(pk__in=found.values("pk"))


PLAIN = {
    "state": lambda records, value: records.filter(
        pk__in=Convention.objects.in_state(value).values("pk")
    ),
    "country": lambda records, value: records.with_party(country=value),
    "departement": lambda records, value: records.located_in(departement=value),
    "commune": lambda records, value: records.located_in(slug=value, kind="commune", country="BJ"),
    "partner": lambda records, value: records.with_party(slug=value),
    "partner_kind": lambda records, value: records.with_party(kind=value),
    "role": lambda records, value: records.filter(parties__role=value),
    "theme": lambda records, value: records.filter(themes__slug=value),
    "odd": lambda records, value: records.filter(odds=value),
    "kind": lambda records, value: records.filter(kind="" if value == "non-renseigne" else value),
    "year": in_year,
    "funder": lambda records, value: records.filter(
        Q(budget_lines__funder__slug=value)
        | Q(pk__in=Party.objects.filter(role="bailleur", partner__slug=value).values("convention"))
    ),
    "amount": in_bracket,
    "currency": lambda records, value: records.filter(budget_lines__currency=value),
    "missing": without_step,
    "results": told,
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


def narrowed(records, filters, but=None):
    for name, values in filters.items():
        if name != but:
            keys = set()
            for value in values:
                found = PLAIN[name](Convention.objects.all(), value)
                keys.update(found.order_by().values_list("pk", flat=True))
            records = records.filter(pk__in=keys)
    return records


@pytest.mark.parametrize("seed", range(3))
def test_every_count_is_that_of_a_plain_query(seed):
    registry = Registry(seed)
    secretary = make_user(Role.SECRETARIAT)
    for turn in range(30):
        filters = registry.filters()
        user = registry.chance.choice([VISITOR, secretary])
        listing = asked(user, **filters)
        visible = Convention.objects.visible_to(user).current()
        assert not listing.errors
        assert listing.count == narrowed(visible, filters).count(), (turn, filters)
        for name in registry.chance.sample(list(PLAIN), 2):
            within = narrowed(visible, filters, but=name)
            counted = counts(listing, name)
            with CONVENTION_INDEX as index:
                values = list(index.labels(name))
            plain = {
                value: PLAIN[name](Convention.objects.filter(pk__in=within.values("pk")), value)
                .order_by()
                .values("pk")
                .distinct()
                .count()
                for value in values
            }
            assert counted == {value: count for value, count in plain.items() if count}, (
                turn,
                name,
            )
        registry.change()


def test_the_index_follows_and_is_not_made_again(monkeypatch):
    for _ in range(3):
        make_convention(**published())
    assert asked().count == 3
    monkeypatch.setattr(CONVENTION_INDEX, "rebuild", lambda: pytest.fail("made again"))
    convention = make_convention(title="Forêts", **published())
    assert asked(q="foret").count == 1
    convention.title = "Puits"
    convention.save()
    assert (asked(q="foret").count, asked(q="puits").count) == (0, 1)


def test_what_is_rolled_back_never_shows():
    make_convention(**published())
    assert asked().count == 1
    try:
        with transaction.atomic():
            make_convention(**published())
            assert asked().count == 2
            raise ValueError
    except ValueError:
        pass
    make_partner()
    assert asked().count == 1


def test_a_journal_that_does_not_reach_back_is_not_trusted():
    make_convention(**published())
    assert asked().count == 1
    make_convention(**published())
    JournalEntry.objects.all().delete()
    assert asked().count == 2


def test_drafts_count_for_those_who_see_them(parakou):
    make_convention([parakou, make_partner()])
    make_convention()
    make_convention(**published())
    agent = make_user(Role.COMMUNE, partner=parakou)
    assert [asked(user).count for user in (VISITOR, agent, make_user(Role.MEMBER))] == [1, 2, 3]
    assert "status" not in asked().counts
    assert counts(asked(agent), "status") == {"brouillon": 1, "publie": 1}
    assert asked(status="brouillon").count == 1  # a visitor's address narrows by what they may


def test_a_hidden_partner_is_no_value_not_even_by_its_address():
    secret = make_partner(name="Secret", status=Status.DRAFT)
    convention = make_convention(**published())
    make_budget_line(convention, funder=secret)
    listing = asked(funder="secret")
    assert listing.errors
    assert "secret" not in counts(asked(), "funder")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({"amount_min": "5 000"}, 1),
        ({"amount_max": "5000"}, 1),
        ({"amount_min": "10000", "amount_max": "10000"}, 1),
        ({"amount_min": "6559570", "amount_currency": "XOF"}, 1),
        ({"amount_min": "6559571", "amount_currency": "XOF"}, 0),
        ({"updated_after": "2000-01-01"}, 3),
        ({"updated_after": "2090-01-01"}, 0),
    ],
)
def test_ranges_are_inclusive_and_converted(typed, found):
    make_budget_line(make_convention(**published()), amount="10000", currency="EUR")
    make_budget_line(make_convention(**published()), amount="655957", currency="XOF")
    make_convention(**published())
    assert asked(**typed).count == found


def test_a_bound_typed_in_another_currency_than_the_one_chosen_is_no_bound():
    make_budget_line(make_convention(**published()), amount="10000", currency="EUR")
    assert asked(amount_min="5 000 F CFA", amount_currency="XOF").count == 1
    for chosen in ("", "EUR"):
        listing = asked(amount_min="5 000 F CFA", amount_currency=chosen)
        assert "F CFA" in str(listing.errors)
        assert not listing.count


@pytest.mark.parametrize(
    ("order", "titles"),
    [
        ("", ["Écoles", "Arbres", "Zones"]),
        ("date", ["Écoles", "Arbres", "Zones"]),
        ("-date", ["Zones", "Arbres", "Écoles"]),
        ("title", ["Arbres", "Écoles", "Zones"]),
        ("-title", ["Zones", "Écoles", "Arbres"]),
        ("term", ["Arbres", "Écoles", "Zones"]),
        ("-term", ["Écoles", "Arbres", "Zones"]),
    ],
)
@pytest.mark.parametrize("short", [0, 500])
def test_lists_are_sorted_whatever_their_length(monkeypatch, client, order, titles, short):
    monkeypatch.setattr("cooperation.lists.index.SHORT", short)
    make_convention(title="Zones", starts_on="2001", ends_on=None, **published())
    make_convention(title="Écoles", starts_on="2019", ends_on="2021", **published())
    make_convention(title="Arbres", starts_on="2010", ends_on="2012", **published())
    page = client.get(reverse("convention_list"), {"ordering": order}).context["page"]
    assert [convention.title for convention in page] == titles


def test_pages_do_not_overlap(client, monkeypatch):
    monkeypatch.setattr("cooperation.lists.index.SHORT", 5)
    for number in range(60):
        make_convention(
            title=f"Eau {number}" if number % 2 else "Puits", objectives="eau", **published()
        )
    found = []
    for number in (1, 2, 3):
        page = client.get(reverse("convention_list"), {"q": "eau", "page": number}).context["page"]
        found += [convention.pk for convention in page]
    assert len(set(found)) == len(found) == 60


def test_the_best_match_comes_first_and_is_shown_in_its_place(client, parakou, orleans):
    water = make_partner(name="Eau Vive", country="FR", kind="ong")
    make_convention(title="Bureaux et plateaux", **published())
    convention = make_convention(title="Autre", objectives="Donner de l’eau à tous", **published())
    make_convention([parakou, water], title="Troisième", **published())
    make_convention(title="L’eau d’abord", **published())
    page = client.get(reverse("convention_list"), {"q": "eau"})
    titles = [convention.title for convention in page.context["page"]]
    assert titles == ["L’eau d’abord", "Troisième", "Autre", "Bureaux et plateaux"]
    assertContains(page, "L’<mark>eau</mark> d’abord")
    assertContains(page, "<mark>Eau</mark> Vive")
    assertContains(page, "Objectifs : Donner de l’<mark>eau</mark> à tous")
    make_action(convention, title="Creuser un puits", places=[make_partner(name="Pobè")])
    convention.documents.add(make_document(title="Étude hydrologique", **published()))
    for words, found in (
        ("POBE", 1),
        ("puits creuser", 1),
        ("hydrologique", 1),
        ("eau pobe", 1),
        ("eau zut", 0),
    ):
        assert (
            client.get(reverse("convention_list"), {"q": words}).context["page"].paginator.count
            == found
        )


def test_search_tells_nothing_of_hidden_documents(client):
    convention = make_convention(**published())
    convention.documents.add(make_document(title="Secretissime"))
    assertContains(
        client.get(reverse("convention_list"), {"q": "secretissime"}), "<strong>0</strong>"
    )


def test_marks_run_nothing(client):
    make_convention(title="<script>eau</script>", **published())
    page = client.get(reverse("convention_list"), {"q": "eau"})
    assertContains(page, "&lt;script&gt;<mark>eau</mark>&lt;/script&gt;")
    assertNotContains(page, "<script>eau")


def test_filters_in_use_are_removed_one_by_one(client):
    Theme.objects.create(name="Eau", slug="eau")
    Theme.objects.create(name="Santé", slug="sante")
    make_convention(**published())
    page = client.get(
        reverse("convention_list"), {"theme": ["eau", "sante"], "q": "x", "page": "2"}
    )
    assertContains(page, 'href="?q=x&amp;theme=sante"')
    assertContains(page, 'href="?theme=eau&amp;theme=sante"')


def test_a_facet_shows_its_largest_values_then_all(client, parakou):
    for _ in range(12):
        make_convention([parakou, make_partner()], **published())
    page = client.get(reverse("convention_list")).context["listing"]
    box = next(box for box in page.boxes() if box["name"] == "partner")
    assert box["values"][0][0] == parakou.slug
    assert (len(box["values"]), box["more"]) == (8, 5)
    page = client.get(reverse("convention_list"), {"facet": "partner"}).context["listing"]
    box = next(box for box in page.boxes() if box["name"] == "partner")
    assert len(box["values"]) == 13


def test_partners_have_accents_and_are_published(client):
    assert Partner.objects.count() == 0
    make_partner(name="Adja-Ouèrè")
    assertContains(client.get(reverse("partner_list"), {"q": "ADJA OUERE"}), "<mark>Ouèrè</mark>")


def fresh(index):
    """The same index, made anew."""
    return Index(
        index.records,
        index.facets.values(),
        zones=index.zones,
        orders=index.orders,
        touched=index.touched,
        amounts=index.amounts,
        daily=index.daily,
    )


def told(index):
    """All that an index says."""
    with index:
        held = {n: {v: set(k) for v, k in held.items() if k} for n, held in index.held.items()}
        words = [{w: set(k) for w, k in zone.records.items() if k} for zone in index.words]
        labels = {name: index.labels(name) for name in index.facets}
    return held, words, labels, index.sums


@pytest.mark.parametrize("seed", range(2))
def test_an_index_that_followed_says_what_a_new_one_says(seed):
    registry = Registry(seed)
    indexes = (CONVENTION_INDEX, ACTION_INDEX, PARTNER_INDEX)
    for index in indexes:
        told(index)
    for _ in range(25):
        registry.change()
        for index in indexes:
            assert told(index) == told(fresh(index))


def change_measurement(convention, action, partner):
    make_measurement(action.indicators.get(), 3)


def change_funder(convention, action, partner):
    partner.publish(make_user(Role.SECRETARIAT))


def change_document(convention, action, partner):
    document = make_document(title="Étude")
    convention.documents.add(document)
    document.publish(make_user(Role.SECRETARIAT))


def change_places(convention, action, partner):
    action.places.add(make_partner(name="Pobè"))


def change_name(convention, action, partner):
    partner.name = "Autre nom"
    partner.save()


def change_theme(convention, action, partner):
    theme = Theme.objects.create(name="Eau", slug="eau")
    convention.themes.add(theme)
    theme.name = "Eaux"
    theme.save()


def change_rate(convention, action, partner):
    make_budget_line(convention, amount="10", currency="CHF")
    ExchangeRate.objects.create(currency="CHF", day="2020-01-01", per_euro="0.9", source="BNS")


def change_status(convention, action, partner):
    convention.move_to(Status.WITHDRAWN, by=make_user(Role.SECRETARIAT), reason="Erreur")


def change_gone(convention, action, partner):
    draft = make_convention([partner])
    draft.delete()


CHANGES = [value for name, value in sorted(globals().items()) if name.startswith("change_")]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_each_kind_of_change_is_followed(change):
    partner = make_partner(name="Bailleur", status=Status.DRAFT)
    convention = make_convention(**published())
    action = make_action(convention)
    make_budget_line(convention, action=action, funder=partner)
    make_indicator(convention, action=action)
    for index in (CONVENTION_INDEX, ACTION_INDEX, PARTNER_INDEX):
        told(index)
    change(convention, action, partner)
    for index in (CONVENTION_INDEX, ACTION_INDEX, PARTNER_INDEX):
        assert told(index) == told(fresh(index))


def test_a_hidden_place_is_told_nowhere(client):
    place = make_partner(
        name="Forêt classée Secrète",
        departement="donga",
        latitude="9",
        longitude="2",
        status=Status.DRAFT,
    )
    convention = make_convention(title="Une", objectives="forêt", note="classée", **published())
    make_action(convention, places=[place])
    assertNotContains(client.get("/conventions/", {"q": "foret classee"}), "Secrète")
    for address in (
        "/conventions/",
        "/actions/",
        "/chiffres/",
        "/carte/",
        "/conventions/export.csv",
        "/actions/export.csv",
    ):
        response = client.get(address)
        text = (
            b"".join(response.streaming_content) if response.streaming else response.content
        ).decode()
        assert "Donga" not in text, address
        assert "Secr" not in text, address
    for address in ("/conventions/", "/actions/"):
        assertContains(client.get(address, {"departement": "donga"}), "<strong>0</strong>")


@pytest.mark.parametrize(
    "query",
    [
        "&".join(f"theme=x{n}" for n in range(3000)),
        "&".join(f"zut{n}=x" for n in range(3000)),
        "year=" + "1" * 5000,
        "partner=%00",
        "q=a%0Bb",
        "q=%EF%BF%BE",
        "q=" + "+".join("abcdefghijklmnopqrstuvwxyz"),
    ],
)
@pytest.mark.parametrize(
    "address",
    [
        "/conventions/",
        "/conventions/flux.atom",
        "/conventions/export.csv",
        "/carte/",
        "/api/v1/conventions/",
    ],
)
def test_a_hostile_address_is_answered_with_few_queries(client, address, query):
    make_convention(**published())
    plain = client.get(address)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(f"{address}?{query}")
    assert response.status_code in (200, 400, 404)
    assert len(captured) < 150
    if not response.streaming:
        page = 0 if plain.streaming else len(plain.content)
        assert len(response.content) < page + 20_000


def test_more_values_than_anybody_chooses_are_refused(client):
    listing = asked(theme=[f"x{n}" for n in range(60)])
    assert any("50 au plus" in message for *_, message in listing.errors)
    assert listing.count == 0


def test_labels_are_those_of_the_moment_of_the_answer():
    partner = make_partner(country="TG")
    convention = make_convention([make_partner(), partner], **published())
    listing = asked()
    Party.objects.filter(convention=convention, partner=partner).take_back()
    asked()
    assert [box["name"] for box in listing.boxes()]


def test_an_export_tells_states_of_the_day_asked(client):
    make_convention(starts_on="2010", ends_on="2012", **published())
    response = client.get("/conventions/export.json", {"on": "2011-05-05", "state": "en-vigueur"})
    found = json.loads(b"".join(response.streaming_content))
    assert [row["state"] for row in found["results"]] == ["en-vigueur"]
    assert found["about"]["État au"] == "05/05/2011"


def test_what_is_withdrawn_or_merged_counts_only_where_it_is_asked_for(sign_in, parakou):
    """The secretariat's own counts, charts and files would else differ from what the public reads."""
    kept, gone = (
        make_convention([parakou], **published()),
        make_convention([parakou], **published()),
    )
    for convention in (kept, gone):
        make_disbursement(make_budget_line(convention, amount="5"), amount="5", paid_on="2020")
        make_action(convention)
    client = sign_in(Role.MEMBER)
    gone.move_to(Status.WITHDRAWN, by=make_user(Role.SECRETARIAT), reason="Erreur")
    for kind in ("convention", "action"):
        address = f"/{kind}s/"
        listing = client.get(address).context["listing"]
        assert listing.count == 1
        assert dict(listing.counts["status"]) == {Status.PUBLISHED: 1, Status.WITHDRAWN: 1}
        assert sum(count for _, count in listing.counts["commune"]) == (kind == "convention")
        assert client.get(address, {"status": "retire"}).context["listing"].count == 1
        assert len(b"".join(client.get(f"{address}export.csv").streaming_content).splitlines()) == 2
    for address in ("/montants/", "/decaissements/"):
        assert len(client.get(address).context["page"]) == 1
        assert len(client.get(address, {"status": "retire"}).context["page"]) == 1
        assert len(client.get(address, {"convention": gone.reference}).context["page"]) == 1
