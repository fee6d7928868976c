"""Totals stay true whatever a text says of its money; each case is one of a real agreement."""

import json
import random
from collections import Counter
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F
from django.urls import reverse
from lxml import etree
from pytest_django.asserts import assertContains, assertNotContains

from actions.models import BudgetLine
from agreements.duplicates import merge
from cooperation.typography import spaced
from cooperation.values.money import format_money
from reports.facts.bilan import build_bilan
from reports.facts.figures import build_home
from reports.facts.inventory import By, build_inventory
from tests.entry import page_data
from tests.factories import (
    make_action,
    make_avenant,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_partner,
    make_user,
    published,
)
from tests.reports.readers import pdf_of, text_of


def totals_of(convention, client):
    """{currency: amount} on the page, in the API and in the entry of the inventory, which are the same."""
    page = client.get(convention.get_absolute_url()).context["totals"]
    row = client.get(f"/api/v1/conventions/{convention.reference}/").json()
    entry = next(iter(build_inventory().entries([convention.pk])))
    found = {one.currency: one.amount for one in page}
    assert {one.currency: one.amount for one in entry.totals} == found
    assert {one["currency"]: Decimal(one["amount"]) for one in row["totals"]} == found
    return found


def funder(name):
    return make_partner(name=name, kind="bailleur")


@pytest.fixture
def convention(parakou):
    return make_convention(
        [parakou, make_partner()], starts_on="2017", ends_on="2019", **published()
    )


def test_a_part_is_told_and_not_added_to_its_whole(client, convention):
    """AIMF 177.1 million, of which Lausanne 59; the commune 42.6: 219.7 in all, not 278.7."""
    whole = make_budget_line(
        convention, amount="177100000", currency="XOF", funder=funder("AIMF"), label="Musée"
    )
    make_budget_line(
        convention,
        amount="59000000",
        currency="XOF",
        funder=funder("Lausanne"),
        included_in=whole,
    )
    make_budget_line(convention, amount="42600000", currency="XOF")
    assert totals_of(convention, client) == {"XOF": 219_700_000}
    assertContains(client.get(convention.get_absolute_url()), spaced("compris dans « Musée"))


def test_parts_of_a_part_and_of_others_are_refused(convention):
    whole = make_budget_line(convention, amount=Decimal(100))
    part = make_budget_line(convention, amount="60", included_in=whole)
    elsewhere = make_budget_line(make_convention(), amount="100")
    for inside, message in ((part, "n’en comprend pas"), (elsewhere, "même convention")):
        line = BudgetLine(convention=convention, amount="5", currency="EUR", included_in=inside)
        with pytest.raises(ValidationError, match=message):
            line.full_clean()
    line = BudgetLine(convention=convention, amount="101", currency="EUR", included_in=whole)
    with pytest.raises(ValidationError, match="dépasse la ligne entière"):
        line.full_clean()


def test_what_several_give_together_is_no_ones_part(client, convention):
    """110,500 € from Crosne and the water agency: neither gave it alone, and it is not split."""
    crosne, water = funder("Crosne"), funder("Agence de l’eau")
    line = make_budget_line(convention, amount="110500", funder=crosne, label="Latrines")
    line.joint_funders.add(water)
    make_budget_line(convention, amount="24300", funder=crosne)
    assert totals_of(convention, client) == {"EUR": 134_800}
    assertContains(client.get(convention.get_absolute_url()), "Crosne et Agence de l’eau, ensemble")
    tables = {table.name: table for table in build_bilan(2018, 2018).tables}
    given = {row.label: [one.amount for one in row.planned] for row in tables["funder"].rows}
    assert given == {
        "Agence de l’eau": [],
        "Crosne": [24_300],
        "Agence de l’eau et Crosne, ensemble": [110_500],
    }
    page = client.get(crosne.get_absolute_url())
    assert [total.amount for _, totals in page.context["given"] for total in totals] == [24_300]
    assertContains(page, "sans que le texte dise la part de chacun")
    listing = client.get("/conventions/?funder=agence-de-leau").context["listing"]
    assert listing.count == 1


def test_yearly_money_of_unknown_years_has_no_total(client, convention):
    """Oostkamp and its province give 20,000 and 15,000 € a year: nobody says for how many years."""
    for amount in ("15000", "20000"):
        make_budget_line(convention, amount=amount, span="par-an")
    assert totals_of(convention, client) == {}
    assertContains(client.get(convention.get_absolute_url()), "15\u00a0000\u00a0€ par an")


def test_yearly_money_of_known_years_is_added_for_each(client, convention):
    make_budget_line(convention, amount="17000.50", span="par-an", year=2017, last_year=2019)
    assert totals_of(convention, client) == {"EUR": Decimal("51001.50")}
    tree = etree.fromstring(b"".join(client.get(reverse("iati_activities"))))
    assert [one.text for one in tree.findall(".//budget/value")] == ["17000.50"] * 3


def test_an_amount_for_some_years_together_is_added_once(client, convention):
    make_budget_line(convention, amount="110000", year=2017, last_year=2019)
    assert totals_of(convention, client) == {"EUR": 110_000}
    assertContains(client.get(convention.get_absolute_url()), "2017 – 2019")


def test_ranges_and_sums_to_date_stand_beside_the_total(client, convention):
    """Seine-Eure gives 150,000 to 180,000 € a year; 2,800,000 € had been invested by the renewal."""
    make_budget_line(convention, amount="150000", most="180000", year=2017, last_year=2018)
    make_budget_line(convention, amount="2800000", span="a-ce-jour")
    make_budget_line(convention, amount="2600000", currency="XOF", exactness="environ")
    assert totals_of(convention, client) == {"XOF": 2_600_000}
    page = client.get(convention.get_absolute_url())
    for words in (
        "entre 150\u00a0000\u00a0€ et 180\u00a0000\u00a0€",
        "2\u00a0800\u00a0000\u00a0€ à ce jour",
        "environ 2\u00a0600\u00a0000",
    ):
        assertContains(page, words)


def test_the_equivalent_of_a_text_is_shown_and_never_counted(client, convention):
    """Orléans: 726,619.24 € « soit » 476,341,782 F; at the parity it would be 476,630,977."""
    facts = {"equivalent": "476341782", "equivalent_currency": "XOF"}
    make_budget_line(convention, amount="726619.24", **facts)
    assert totals_of(convention, client) == {"EUR": Decimal("726619.24")}
    assertContains(client.get(convention.get_absolute_url()), "soit 476\u00a0341\u00a0782")
    for wrong in ({"equivalent": "5"}, {"equivalent": "5", "equivalent_currency": "EUR"}):
        line = BudgetLine(convention=convention, amount="5", currency="EUR", **wrong)
        with pytest.raises(ValidationError, match="Un équivalent se donne avec sa monnaie"):
            line.full_clean()


def test_a_shared_grant_is_shown_on_each_and_counted_once(client, parakou):
    """Niort’s subsidy serves two twinnings: each page tells it, and the country has it once."""
    first, second = (
        make_convention([parakou, make_partner()], starts_on="2017", **published())
        for _ in range(2)
    )
    line = make_budget_line(first, amount="30000", funder=funder("Niort"))
    line.also_for.add(second)
    make_disbursement(line, amount="20000", paid_on="2018")
    for convention in (first, second):
        assert totals_of(convention, client) == {"EUR": 30_000}
        assertContains(client.get(convention.get_absolute_url()), "partagé avec")
    assert [one.amount for one in build_inventory().sums.totals] == [30_000]
    assert [one.amount for one in build_home().budget] == [30_000]
    bilan = build_bilan(2018, 2018)
    assert [one.amount for one in (*bilan.planned, *bilan.paid)] == [30_000, 20_000]
    rows = client.get("/montants/", {"convention": second.reference})
    assert [one.amount for one in rows.context["totals"]] == [30_000]


def test_what_a_draft_shares_is_seen_by_nobody(client, convention):
    draft = make_convention(title="Secrète")
    line = make_budget_line(draft, amount="777777")
    line.also_for.add(convention)
    assert totals_of(convention, client) == {}
    own = make_budget_line(convention, amount="5")
    own.also_for.add(draft)
    for address in (convention.get_absolute_url(), f"/iati/activities/{convention.reference}.xml"):
        assertNotContains(client.get(address), draft.reference)
        for written in ("777777", "777\u00a0777"):
            assertNotContains(client.get(address), written)
    row = client.get(f"/api/v1/conventions/{convention.reference}/").json()
    assert (row["shared_lines"], row["budget_lines"][0]["also_for"]) == ([], [])


def test_a_key_of_shares_is_told_without_amounts(client, convention):
    party = convention.parties.first()
    party.share = "86"
    party.save()
    assertContains(
        client.get(convention.get_absolute_url()), spaced("Part du financement, en % : 86")
    )
    party.share = "101"
    with pytest.raises(ValidationError, match="La part est un pourcentage"):
        party.full_clean()


# What an avenant sets


@pytest.fixture
def by():
    return make_user("secretariat")


def test_the_new_total_of_an_avenant_is_counted_once_it_is_published(client, convention, by):
    """The budget of 100,000 € became 150,000 € by avenant: every total went on saying 100,000."""
    orleans = funder("Orléans")
    make_budget_line(convention, amount="100000", funder=orleans, nature="numeraire")
    action = make_action(convention)
    make_budget_line(convention, amount="20000", action=action)
    make_budget_line(convention, amount="655957", currency="XOF")
    avenant = make_avenant(convention, new_total="150000", currency="EUR", signed_on="2018")
    assert totals_of(convention, client) == {"EUR": 120_000, "XOF": 655_957}
    assertNotContains(client.get(convention.get_absolute_url()), "150\u00a0000")
    avenant.publish(by)
    assert totals_of(convention, client) == {"EUR": 150_000, "XOF": 655_957}
    (line,) = avenant.set_lines.all()
    assert (line.amount, line.funder, line.nature) == (130_000, orleans, "numeraire")
    page = client.get(convention.get_absolute_url())
    assertContains(page, spaced("remplacé par l’avenant n° 1"))
    assertContains(page, "porté à 150\u00a0000\u00a0€.")


def test_the_last_signed_avenant_sets_the_total_whatever_is_published_last(client, convention, by):
    make_budget_line(convention, amount="100")
    facts = {"currency": "EUR"}
    late = make_avenant(convention, number=1, new_total="300", signed_on="2019", **facts)
    early = make_avenant(convention, number=2, new_total="200", signed_on="2018", **facts)
    late.publish(by)
    early.publish(by)
    assert totals_of(convention, client) == {"EUR": 300}
    late.move_to("retire", by=by, reason="Faux.")
    assert totals_of(convention, client) == {"EUR": 200}
    early.move_to("retire", by=by, reason="Faux.")
    assert totals_of(convention, client) == {"EUR": 100}
    assertContains(client.get(convention.get_absolute_url()), "ne compte plus")
    late.publish(by)
    assert totals_of(convention, client) == {"EUR": 300}


def test_whoever_details_a_new_total_is_not_doubled(client, convention, by):
    make_budget_line(convention, amount="100")
    avenant = make_avenant(convention, new_total="300", currency="EUR", signed_on="2019")
    avenant.publish(by)
    (rest,) = avenant.set_lines.all()
    rest.amount = 120
    rest.save()
    make_budget_line(convention, amount="180", set_by=avenant)
    convention.settle(by)
    assert totals_of(convention, client) == {"EUR": 300}


def test_a_new_total_that_no_line_can_reach_is_not_said_to_be_counted(client, convention, by):
    """Actions hold more than the new total: « porté à 150 € » stood beside a total of 200 €."""
    make_budget_line(convention, amount="200", action=make_action(convention))
    make_avenant(convention, new_total="150", currency="EUR", signed_on="2018").publish(by)
    assert totals_of(convention, client) == {"EUR": 200}
    page = client.get(convention.get_absolute_url())
    assertContains(page, "porté à 150\u00a0€ – le total ci-dessus en compte un autre")


def test_settling_twice_changes_nothing(convention, by):
    make_budget_line(convention, amount="100")
    make_avenant(convention, new_total="300", currency="EUR", signed_on="2019").publish(by)
    before = list(BudgetLine.objects.values_list("pk", "version"))
    convention.settle(by)
    assert list(BudgetLine.objects.values_list("pk", "version")) == before


# Every door, on registries that hold all of it


def generated(seed):
    """Some conventions whose lines say all that lines may say."""
    pick = random.Random(seed)
    givers = [funder(f"Bailleur {n}") for n in range(4)]
    conventions = [
        make_convention(
            [make_partner(), make_partner()], starts_on="2010", ends_on="2030", **published()
        )
        for _ in range(6)
    ]
    lines = []
    for convention in [*conventions, make_convention([make_partner()], starts_on="2012")]:
        action = make_action(convention)
        for _ in range(pick.randint(1, 5)):
            currency = pick.choice(["EUR", "XOF", "USD"])
            amount = pick.randint(1, 10**6) if currency == "XOF" else pick.randint(1, 10**8) / 100
            year = pick.choice([None, 2015, 2019])
            near = [one for one in lines if one.convention == convention and not one.included_in]
            near = [one for one in near if one.currency == currency and one.amount >= amount]
            near = [one for one in near if not one.most and not one.parts.exists()]
            line = make_budget_line(
                convention,
                amount=str(amount),
                currency=currency,
                nature=pick.choice(["", "numeraire", "valorisation"]),
                standing=pick.choice(["", "", "", "accorde", "demande", "refuse", "estime"]),
                span=pick.choice(["", "", "", "par-an", "a-ce-jour"]),
                exactness=pick.choice(["", "environ", "moyenne"]),
                year=year,
                last_year=pick.choice([None, year, 2021]) if year else None,
                most=str(amount + 10) if pick.random() < 0.1 else None,
                funder=pick.choice([None, *givers]),
                action=pick.choice([None, None, action]),
                included_in=pick.choice([None, *near]) if pick.random() < 0.4 else None,
            )
            line.refresh_from_db()
            line.joint_funders.set(pick.sample(givers, pick.choice([0, 0, 1, 2])))
            others = [one for one in conventions if one != convention]
            line.also_for.set(pick.sample(others, pick.choice([0, 0, 1, 3])))
            lines.append(line)
    for convention in pick.sample(conventions, 2):
        avenant = make_avenant(
            convention, new_total="12345678.90", currency="EUR", signed_on="2016"
        )
        avenant.publish(make_user("secretariat"))


PLAIN_SQL = """
    SELECT currency, SUM(
        CAST(ROUND(amount * 100) AS BIGINT)
        * CASE WHEN span = 'par-an' THEN last_year - year + 1 ELSE 1 END
    )
    FROM actions_budgetline line
    JOIN agreements_convention convention ON convention.id = line.convention_id
    WHERE convention.status = 'publie' AND line.standing IN ('', 'accorde')
    AND line.included_in_id IS NULL AND line.superseded_by_id IS NULL AND line.most IS NULL
    AND (line.span = '' OR (line.span = 'par-an' AND line.last_year IS NOT NULL))
    GROUP BY currency
"""


def amounts(totals):
    return {one.currency: one.amount for one in totals}


@pytest.mark.parametrize("seed", range(3))
def test_every_door_counts_what_plain_sql_counts(client, pango, seed):
    generated(seed)
    with connection.cursor() as cursor:
        cursor.execute(PLAIN_SQL)
        plain = {currency: Decimal(cents) / 100 for currency, cents in cursor.fetchall()}
    assert plain
    inventory, bilan = build_inventory(by=By.COUNTRY), build_bilan(2010, 2030)
    found = {
        "inventory": inventory.sums.totals,
        "bilan": bilan.planned,
        "home": build_home().budget,
        "rows": client.get("/montants/").context["totals"],
        "list": client.get("/montants/", {"liste": "year=2015"}).context["totals"],
        "year": client.get("/montants/", {"bilan": "2015"}).context["totals"],
    }
    for door, totals in found.items():
        assert amounts(totals) == plain, door
    paper = " ".join(text_of(pdf_of(client.get("/inventaire.pdf"))).split())
    for currency, amount in plain.items():
        assert " ".join(format_money(amount, currency).split()) in paper
    lines, api = {}, client.get("/api/v1/conventions/", {"page_size": 100}).json()["results"]
    for row in api:
        lines |= {line["uid"]: line for line in [*row["budget_lines"], *row["shared_lines"]]}
    sums = Counter()
    for line in lines.values():
        sums[line["currency"]] += Decimal(line["counted_amount"] or 0)
    assert {code: amount for code, amount in sums.items() if amount} == plain
    each_convention_the_same(client, api, inventory)
    committed_in_iati(client)


def each_convention_the_same(client, api, inventory):
    """Page, API, list to take away and inventory, convention by convention."""
    content = b"".join(client.get("/conventions/export.json"))
    rows = {row["reference"]: row for row in json.loads(content)["results"]}
    entries = {entry.reference: amounts(entry.totals) for entry in inventory.entries()}
    for row in api:
        reference = row["reference"]
        told = {one["currency"]: Decimal(one["amount"]) for one in row["totals"]}
        page = client.get(reverse("convention_detail", args=[reference])).context["totals"]
        assert amounts(page) == told == entries[reference]
        for currency in ("EUR", "XOF"):
            exported = rows[reference][f"planned_{currency.lower()}"]
            assert Decimal(str(exported or 0)) == told.get(currency, 0)


def committed_in_iati(client):
    """Cash and mixed amounts: each line once, in the activity of the convention that holds it."""
    tree = etree.fromstring(b"".join(client.get(reverse("iati_activities"))))
    found = Counter()
    for value in tree.xpath("//transaction[transaction-type/@code='2']/value | //budget/value"):
        found[value.get("currency")] += Decimal(value.text)
    cash = BudgetLine.objects.published().counted().exclude(nature="valorisation")
    assert dict(found) == amounts(cash.totals())


def test_the_database_refuses_a_line_that_counts_otherwise(convention):
    line = make_budget_line(convention, amount="100")
    rows = models.QuerySet(BudgetLine).filter(pk=line.pk)
    for wrong in ({"counted_amount": None}, {"counted_amount": F("amount") - 1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)


def test_a_line_does_not_share_with_itself(sign_in, convention):
    line = make_budget_line(convention, amount="100")
    secretary = sign_in("secretariat")
    address = reverse("admin:actions_budgetline_change", args=[line.pk])
    data = page_data(secretary.get(address)) | {"also_for": [convention.pk], "reason": "Essai"}
    assertContains(secretary.post(address, data), "ne choisissez que les autres")
    assert not line.also_for.exists()


def test_a_merge_keeps_what_the_other_shared(client, parakou, by):
    """The subsidy of two twinnings was lost by the one that a merge kept."""
    kept, other, third = (
        make_convention([parakou, make_partner()], starts_on="2017", **published())
        for _ in range(3)
    )
    shared = make_budget_line(third, amount="300")
    shared.also_for.add(other)
    own = make_budget_line(other, amount="50")
    own.also_for.add(kept)
    merge(kept, other, by=by, taken_fields=[], taken_groups=["budget_lines"], reason="Double.")
    assert totals_of(kept, client) == {"EUR": 350}
    assert [one.amount for one in build_inventory().sums.totals] == [350]
