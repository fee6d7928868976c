"""The list of public agreements says what its rows say, row by row, and nothing else."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.urls import reverse
from pytest_django.asserts import assertContains

from actions.models import BudgetLine, Disbursement
from agreements.models import NO_AGREEMENT, Convention, State
from cooperation.models import Partner
from cooperation.values.text import fold
from reports.facts.figures import build_home
from reports.facts.inventory import build_inventory
from tests.contents import load_content
from tests.iati_rules import faults

LIST = Path(__file__).parent.parent / "data/public_agreements.csv"
ROWS = list(csv.DictReader(LIST.read_text(encoding="utf-8").splitlines(keepends=True)))
# What the first twelve agreements hold already.
HELD = {
    "orleans-parakou-2019": "CONV-2026-0010",
    "cacp-porto-novo-1995": "CONV-2026-0011",
    "chalon-ccp-2006": "CONV-2026-0001",
}
NEW = [row for row in ROWS if row["key"] not in HELD]
REFERENCES = {row["key"]: f"CONV-2025-{n:04}" for n, row in enumerate(NEW, start=1)} | HELD
CONFIDENCE = {"high": "bonne", "medium": "moyenne", "low": "faible"}


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """Once for all: the tests of this module only read."""
    with django_db_blocker.unblock():
        load_content("reference", "agreements", "public_agreements")
        yield
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def registry(loaded, db):
    return Convention.objects.with_term()


def parts(text):
    return [part.strip() for part in text.split(";") if part.strip()]


def plain(text):
    return "".join(letter for letter in fold(text) if letter.isalnum())


def names_of(convention):
    """All names of its parties, without spaces and accents, and its parties in words."""
    found = [plain(convention.unnamed_parties), plain(convention.note)]
    for partner in convention.distinct_partners:
        found += [
            plain(name) for name in (partner.name, partner.short_name, *partner.aliases.split("\n"))
        ]
    return [name for name in found if name]


def told_of(name, held):
    """Whether a name of the list is one of a party, whole or without what its brackets say."""
    said = plain(name)
    return any(said in one or one in said for one in held)


@pytest.mark.parametrize("row", NEW, ids=lambda row: row["key"])
def test_a_row_is_told_as_it_is(registry, row):
    convention = registry.get(reference=REFERENCES[row["key"]])
    assert convention.is_published
    assert convention.provenance == Convention.Provenance.TO_CHECK
    assert convention.kind == row["kind"]
    for name, column in (
        ("signed_on", "signed"),
        ("starts_on", "starts"),
        ("ends_on", "ends"),
        ("partnership_since", "partnership_since"),
    ):
        assert (getattr(convention, name) or "") == row[column], name
    assert row["remarks"] in convention.note
    held = names_of(convention)
    others = [part.split("|")[0] for part in parts(row["other_parties"])]
    for name in [*parts(row["benin_party"]), row["foreign_party"], *others]:
        assert not name or told_of(name, held), name
    assert bool(convention.themes.all()) <= bool(row["themes"])
    for word in parts(row["themes"]):
        assert convention.themes.exists() or word in convention.note
    titles = list(convention.actions.order_by("number").values_list("title", flat=True))
    assert titles == parts(row["actions"])
    if row["status_if_said"]:
        notes = [one.note for one in convention.situations.all()]
        assert row["status_if_said"] in [*notes, convention.note] or (
            f"État selon la source : {row['status_if_said']}." in convention.note
        )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["key"])
def test_a_row_names_its_source_and_how_sure_it_is(registry, row):
    convention = registry.get(reference=REFERENCES[row["key"]])
    source = convention.cited_sources.get()
    assert (source.address, source.dated or "") == (row["source_url"], row["source_date"])
    assert source.title == (row["source_title"] or row["source_url"])[:250]
    assert source.supports.endswith(f"fiabilité {CONFIDENCE[row['confidence']]}")


@pytest.mark.parametrize("row", [row for row in NEW if row["amounts"]], ids=lambda row: row["key"])
def test_no_amount_of_a_row_is_lost_or_made_up(registry, row):
    lines = BudgetLine.objects.filter(convention__reference=REFERENCES[row["key"]])
    paid = Disbursement.objects.filter(budget_line__in=lines)
    held = [(one.amount, one.currency) for one in (*lines, *paid)]
    for line in lines:
        held += [(line.most, line.currency)] if line.most else []
        held += [(line.equivalent, line.equivalent_currency)] if line.equivalent else []
    told = []
    for part in parts(row["amounts"]):
        amount, currency = part.split()[:2]
        told.append((Decimal(amount), currency))
    in_words = " ".join(payment.reference for payment in paid).replace(" ", "")
    left = [one for one in told if one not in held]
    assert all(f"{one[0]:.0f}" in in_words for one in left), left
    assert set(held) <= set(told)


def test_nothing_else_is_there(registry):
    references = {one.reference for one in registry}
    first = {f"CONV-2026-{n:04}" for n in range(1, 14)}
    assert references == {*REFERENCES.values(), *first}
    assert len(ROWS) == 131
    assert Partner.objects.communes().count() == 77


def test_it_says_which_arrondissement_a_text_engages(client, registry):
    """Joigny’s friend is Kilibo: the list had Ouessè as a whole, and the rest in a remark."""
    convention = Convention.objects.get(title="Jumelage Joigny – Ouessè")
    assertContains(client.get(convention.get_absolute_url()), "Kilibo, arrondissement de Ouessè")


def test_what_is_planned_or_refused_is_in_no_figure(client, registry):
    unsigned = sum(registry.in_state(state).count() for state in NO_AGREEMENT)
    assert unsigned >= 5
    counts = {figure.name: figure.count for figure in build_home().figures}
    assert counts["conventions"] == build_inventory().count == registry.count() - unsigned
    refused = registry.in_state(State.REFUSED).get()
    page = client.get(refused.get_absolute_url())
    assertContains(page, "non signé")
    assertContains(page, "rejeté la mission de signature par 16 voix contre 3")


def test_its_totals_are_those_of_the_texts(client, registry):
    def totals(key):
        page = client.get(reverse("convention_detail", args=[REFERENCES[key]]))
        return {one.currency: one.amount for one in page.context["totals"]}

    assert totals("aimf-epa-bohicon-musee") == {"XOF": 219_700_000}
    assert totals("oostkamp-come") == {}
    assert totals("orleans-parakou-1993") == {"EUR": Decimal("726619.24")}
    assert totals("crosne-bopa") == {"EUR": 134_800}
    orleans = client.get(
        reverse("convention_detail", args=[REFERENCES["orleans-parakou-1993"]])
    ).content.decode()
    assert "476\u00a0341\u00a0782" in orleans


def test_the_rules_of_iati_find_no_fault_with_it(client, registry):
    content = b"".join(client.get(reverse("iati_activities")))
    assert faults(content) == []


def test_half_of_the_communes_have_one_and_most_others_through_a_grouping(registry):
    communes = set(Partner.objects.communes().values_list("pk", flat=True))
    signing = set(Partner.objects.filter(conventions__in=registry).values_list("pk", flat=True))
    grouped = set(Partner.objects.filter(groupings__in=signing).values_list("pk", flat=True))
    assert len(communes & signing) >= 38
    assert len(communes & (signing | grouped)) >= 60


def test_the_map_shows_groupings_at_their_members_and_links_what_has_no_place(client, registry):
    """CCZ’s conventions were on no commune of the map; two thirds of the communes seemed to have none."""
    page = client.get("/carte/")
    assertContains(page, "conventions d’un groupement")
    places = page.context["places"]
    benin, world = places.maps
    own = {circle.label for circle in benin.circles if not circle.is_grouped}
    grouped = {circle.label for circle in benin.circles if circle.is_grouped}
    assert len(own) >= 38
    assert len(own | grouped) >= 60
    assert len(world.circles) >= 15
    listing = client.get(places.nowhere_address).context["listing"]
    assert listing.count == places.nowhere > 0
