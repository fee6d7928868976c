"""Charts of a list: what each says is true of the rows that it leads to."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from agreements.facets import convention_listing
from agreements.models import Party
from cooperation.models import Theme
from reports.charts import MOST_YEARS, charts_of, marks, steps, upright, years_drawn
from tests.factories import (
    make_action,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_partner,
    published,
)

YEAR = timezone.localdate().year


@pytest.fixture
def parakou():
    return make_partner(name="Parakou", departement="borgou", **published())


@pytest.fixture
def registry(parakou, orleans):
    """Of Parakou: one that ended in 2003 with Orléans, one whose end nobody knows, and a draft."""
    first = make_convention(
        [parakou, orleans], title="Première", starts_on="2001", ends_on="2003", **published()
    )
    first.themes.add(Theme.objects.create(name="Eau", slug="eau"))
    line = make_budget_line(first, amount="1000", currency="EUR", funder=orleans, year=2002)
    make_disbursement(line, amount="400", currency="EUR", paid_on="2003-05")
    make_budget_line(first, amount="655957", currency="XOF", funder=orleans)
    make_convention([parakou], title="Seconde", starts_on="2010", ends_on=None, **published())
    draft = make_convention([parakou, orleans], title="Brouillon", starts_on="2001")
    make_budget_line(draft, amount="9000", currency="EUR", funder=orleans, year=2002)
    return first


def charts(query=""):
    listing = convention_listing(QueryDict(query), AnonymousUser())
    return {chart.name: chart for chart in charts_of(listing)}


def cells(chart):
    return {row.label: row.cells for row in chart.rows}


def test_each_count_is_what_its_link_lists(client, registry):
    counted = 0
    for name, chart in charts().items():
        if name in ("annees", "country", "theme", "departement"):
            for row in chart.rows:
                listed = client.get(row.address).context["page"].paginator.count
                assert listed == row.cells[0], (name, row.label)
                counted += 1
    assert counted > 20


def test_the_years_say_whose_end_is_not_known(registry):
    chart = charts()["annees"]
    assert chart.title == (
        f"1 convention a pu être en vigueur en {YEAR}, dont 1 à la fin inconnue ou sans terme"
    )
    found = cells(chart)
    assert (found["2002"], found["2005"], found["2012"]) == ([1, 1, 0], [0, 0, 0], [1, 0, 1])
    # No year is left out: a gap would make time look shorter.
    assert [row.label for row in chart.rows] == [str(year) for year in range(2001, YEAR + 1)]


def test_benin_is_no_partner_country_of_itself(registry):
    assert cells(charts()["country"]) == {"France": [1]}
    assert charts()["country"].title == "France : 1 des 2 conventions"


def test_countries_are_drawn_year_by_year_on_one_scale(registry, parakou):
    ghent = make_partner(name="Gand", country="BE", **published())
    make_convention([parakou, ghent], starts_on="2020", ends_on=None, **published())
    chart = charts()["pays-annees"]
    assert chart.title == f"En {YEAR} : Belgique 1, France 0"
    assert cells(chart) == {"France": ["1 en 2001", 0], "Belgique": ["1 en 2020", 1]}


def test_planned_and_paid_are_of_their_years_to_the_cent(registry):
    chart = charts()["argent"]
    assert cells(chart)["2002"] == ["1\u00a0000\u00a0€", ""]
    assert cells(chart)["2003"] == ["", "400\u00a0€"]
    assert cells(chart)["Plusieurs années, ou sans année"] == ["1\u00a0000\u00a0€", ""]
    assert chart.title == "400\u00a0€ versés, pour 2\u00a0k\u00a0€ prévus"
    assert "1\u00a0000\u00a0€ prévus pour plusieurs années" in chart.note


def test_without_a_payment_the_title_does_not_say_that_nothing_was_paid(parakou, orleans):
    planned = make_convention([parakou, orleans], **published())
    make_budget_line(planned, amount="1000", currency="EUR", year=2002)
    assert charts()["argent"].title == "1\u00a0k\u00a0€ prévus ; aucun versement n’est connu"


def test_who_gives_is_named_with_what_it_gives_for(registry, orleans):
    chart = charts()["financeurs"]
    assert cells(chart) == {"Orléans": ["2\u00a0000\u00a0€"]}
    assert chart.rows[0].words == "Eau"
    assert chart.title == "Orléans donne le plus : 2\u00a0k\u00a0€"
    line = make_budget_line(registry, amount="50", currency="EUR", funder=orleans)
    line.joint_funders.add(make_partner(name="Gien", **published()))
    make_budget_line(registry, amount="7000", currency="EUR", funder=None)
    labels = list(cells(charts()["financeurs"]))
    # Half of a joint amount is nobody's to say, and the unknown giver gives the title to nobody.
    assert labels == ["financeur non renseigné", "Orléans", "plusieurs financeurs ensemble"]
    assert charts()["financeurs"].title.startswith("Orléans donne le plus")


def test_a_funder_who_is_not_public_is_not_named(client, registry):
    secret = make_partner(name="Bailleur discret", status="brouillon")
    make_budget_line(registry, amount="5000", currency="EUR", funder=secret, year=2002)
    page = client.get(reverse("overview_charts"))
    assertNotContains(page, "Bailleur discret")
    assertContains(page, "financeur non publié")


def test_communes_without_a_convention_are_named(registry, parakou):
    make_partner(name="Kalalé", departement="borgou", **published())
    chart = charts()["communes"]
    assert chart.title == "1 des 2 communes n’est dans aucune convention du registre"
    row = chart.rows[0]
    assert (row.label, row.cells[0]) == ("Borgou", "1 sur 2")
    assert "Kalalé</a>" in row.words and "Parakou" not in row.words


def test_hosting_an_action_or_a_grouping_that_signed_is_not_nothing(registry, orleans):
    hosting = make_partner(name="Kalalé", departement="borgou", **published())
    make_action(registry, places=[hosting])
    member = make_partner(name="Nikki", departement="borgou", **published())
    grouping = make_partner(name="ADECOB", kind="intercommunalite", **published())
    grouping.memberships.create(member=member)
    make_convention([grouping, orleans], starts_on="2015", **published())
    assert "communes" not in charts()


def test_a_refused_agreement_is_no_partnership(orleans):
    alone = make_partner(name="Kalalé", departement="borgou", **published())
    refused = make_convention([alone, orleans], starts_on="2015", **published())
    refused.situations.create(kind="refusee")
    assert "Kalalé</a>" in charts()["communes"].rows[0].words


def test_a_list_of_one_commune_does_not_ask_which_have_none(registry):
    assert "communes" not in charts("commune=parakou")
    assert "communes" not in charts("departement=borgou")


def test_a_party_that_funds_counts_among_the_themes_of_its_amounts(registry, orleans):
    registry.parties.filter(partner=orleans).update(role=Party.Role.FUNDER)
    assert charts()["financeurs"].rows[0].words == "Eau"


def test_what_no_rate_converts_is_told_apart(registry):
    make_budget_line(registry, amount="500", currency="GBP", funder=None, year=2002)
    chart = charts()["argent"]
    assert chart.note.endswith("500\u00a0£GB prévus, sans taux.")
    assert cells(chart)["2002"][0] == "1\u00a0000\u00a0€"


def test_nothing_listed_draws_nothing(client):
    assert charts() == {}
    assertContains(client.get(reverse("overview_charts")), "rien à mettre en chiffres")


def test_years_are_drawn_without_a_gap_and_not_for_ever():
    assert years_drawn([YEAR - 2, YEAR]) == [YEAR - 2, YEAR - 1, YEAR]
    assert years_drawn([]) == []
    assert len(years_drawn([1958, YEAR])) == MOST_YEARS
    assert years_drawn([2001, 2091])[-1] == YEAR
    assert marks([2004, 2005, 2006, 2010]) == ["", "2005", "", ""]


def test_lengths_are_parts_of_the_longest():
    piece = upright("sure", 2, 0.8, Decimal(1), Decimal(4), above=Decimal(2))
    assert (piece.y, piece.height) == (25, 25)
    assert steps([0, 2, 4], 4) == "M0 8V8.00H33.3V4.00H66.7V0.00H100.0V8z"
