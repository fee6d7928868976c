import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains

from reports.facts.figures import build_home
from reports.facts.inventory import build_inventory
from tests.factories import (
    make_action,
    make_convention,
    make_partner,
    published,
)


@pytest.mark.parametrize("page", ["inventory", "bilan_list", "home"])
def test_pages_open_on_an_empty_registry(client, page):
    assert client.get(reverse(page)).status_code == 200


def test_key_figures_count_what_is_public_and_once(client, parakou, orleans):
    for _ in range(2):
        convention = make_convention([parakou, orleans], **published())
        make_action(convention, places=[parakou])
    make_convention([make_partner(country="HT")])
    counts = {figure.name: figure.count for figure in build_home().figures}
    assert (counts["conventions"], counts["actions"]) == (2, 2)
    assert (counts["communes"], counts["pays"]) == (1, 1)
    assertContains(client.get("/"), "Communes du Bénin, sur 77")


def test_home_and_inventory_count_the_same(client, content):
    home = {figure.name: figure.count for figure in build_home().figures}
    inventory = {figure.name: figure.count for figure in build_inventory().figures}
    assert home.items() <= inventory.items()
    assert build_home().budget == build_inventory().sums.totals


@pytest.mark.parametrize("name", ["overview_map", "overview_charts", "overview_timeline"])
def test_views_of_a_filter_without_sense_say_so(client, name):
    assertContains(client.get(reverse(name), {"year": "0"}), "Un filtre n’a pas de sens")


def test_a_figure_of_the_home_page_counts_what_it_leads_to(client, parakou, orleans):
    """« 15 pays » led to a chart of eighteen: it drew what is only envisaged too."""
    make_convention([parakou, orleans], starts_on="2015", **published())
    ghent = make_partner(name="Gand", country="BE", **published())
    refused = make_convention([parakou, ghent], starts_on="2015", **published())
    refused.situations.create(kind="refusee")
    for figure, address in client.get("/").context["leading"]:
        page = client.get(address.partition("#")[0])
        assert page.context["listing"].count == 1
        if figure.name == "pays":
            charts = {chart.name: chart for chart in page.context["charts"]}
            assert len(charts["country"].rows) == figure.count == 1
