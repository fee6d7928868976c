"""Conventions seen as a whole: maps, charts, timeline, subjects, and the page of a partner."""

import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from cooperation.models import Odd, Theme
from reports.maps import MAPS, country_centres, drawings
from reports.overview import ticks_between
from tests.factories import (
    make_action,
    make_avenant,
    make_budget_line,
    make_convention,
    make_partner,
    published,
)


@pytest.fixture
def water():
    return Theme.objects.create(name="Eau", slug="eau")


@pytest.fixture
def placed():
    return make_partner(name="Parakou", latitude="9.34", longitude="2.63")


@pytest.fixture
def registry(water, placed, orleans):
    """Two public conventions of Parakou, one with Orléans, and a draft."""
    first = make_convention(
        [placed, orleans], title="Première", starts_on="2001", ends_on="2003", **published()
    )
    first.themes.add(water)
    make_budget_line(first, amount="1000", currency="EUR", funder=orleans, year=2002)
    make_budget_line(first, amount="655957", currency="XOF", funder=orleans)
    make_convention([placed], title="Seconde", starts_on="2010", ends_on=None, **published())
    make_convention([placed, orleans], title="Brouillon")
    return first


def circles(page):
    return re.findall(r'aria-label="([^"]+ : [^"]+)"><title>', page.content.decode())


def test_the_map_has_a_circle_and_a_row_for_each_place(client, registry):
    page = client.get(reverse("overview_map"))
    assert circles(page) == ["Parakou : 2 conventions", "France : 1 convention"]
    assertContains(page, '<th scope="row"><a href="/conventions/?commune=parakou">Parakou</a></th>')
    assertContains(page, '<td class="number">2 conventions</td>')
    assert len(re.findall("<circle", page.content.decode())) == 2


def test_the_map_by_amount_converts_and_keeps_the_filters(client, registry):
    page = client.get(reverse("overview_map"), {"cercles": "montants", "theme": "eau"})
    assert circles(page) == ["Parakou : 2\u00a0000\u00a0€", "France : 2\u00a0000\u00a0€"]
    assertContains(
        page, "/conventions/?theme=eau&amp;cercles=montants&amp;commune=parakou", count=0
    )
    assertContains(page, "theme=eau")


def test_a_map_of_nothing_says_so(client):
    assertContains(client.get(reverse("overview_map")), "Aucun lieu renseigné", count=2)


def test_every_country_has_its_place_and_no_line_crosses_the_map():
    centres = country_centres()
    assert {"BJ", "FR", "HT", "DE", "CA", "US"} <= centres.keys()
    assert 0 < centres["BJ"][0] < 4 and 6 < centres["BJ"][1] < 13
    assert MAPS.stat().st_size < 50_000
    for name in ("benin", "world"):
        drawing = drawings()[name]
        steps = re.findall(r"l([^z]*)z", drawing["path"])
        width = 600
        for outline in steps:
            numbers = [int(n) for n in re.findall(r"-?\d+", outline)]
            assert max(map(abs, numbers), default=0) < width / 2


def test_the_timeline_keeps_the_precision_and_the_avenants(client, registry):
    make_avenant(registry, ends_on="2004-06", **published())
    make_convention(title="Sans date", starts_on=None, ends_on=None, **published())
    page = client.get(reverse("overview_timeline"))
    timeline = page.context["timeline"]
    assert (timeline.first, [one.title for one in timeline.undated]) == (2001, ["Sans date"])
    first, second = timeline.dated
    assert (first.title, first.bar.start, first.bar.is_open) == ("Première", 0, False)
    # What the avenant adds has a colour of its own.
    assert first.bar.added > 0
    assert second.bar.is_open
    assertContains(page, "Sans date connue")
    assertContains(page, "2001 – juin 2004")
    assertNotContains(page, "Brouillon")


def test_a_theme_and_an_odd_have_their_page(client, registry, water):
    Odd.objects.create(number=6, name="Eau propre")
    registry.odds.add(6)
    make_action(registry, state="achevee")
    for address in (reverse("theme_detail", args=["eau"]), reverse("odd_detail", args=[6])):
        page = client.get(address)
        assertContains(page, "Première")
        assertNotContains(page, "Seconde")
        assertContains(page, "1\u00a0000\u00a0€")
        leads = re.findall(r'<a href="([^"]*state=[^"]*)">(\d+) (?:action|convention)', page.text)
        assert len(leads) == 2
        for address, count in leads:
            assert client.get(unescape(address)).context["page"].paginator.count == int(count)
    page = client.get(reverse("theme_list"))
    assertContains(page, "1 convention")
    for address in ("/themes/rien/", "/odd/99/", "/odd/99999999999999999999/"):
        assert client.get(address).status_code == 404


def test_the_page_of_a_partner_tells_its_money_and_its_neighbours(
    client, registry, placed, orleans
):
    nearby = make_partner(name="Tchaourou", departement=placed.departement)
    make_convention([nearby], **published())
    page = client.get(orleans.get_absolute_url())
    assertContains(page, "1\u00a0000\u00a0€")
    assertContains(page, "toute la durée")
    assertContains(page, "Parakou <small>1</small>", html=False)
    page = client.get(placed.get_absolute_url())
    assertContains(page, "Tchaourou")
    make_partner(name="Secrète", departement=placed.departement)
    assertNotContains(client.get(placed.get_absolute_url()), "Secrète")


def test_a_subject_without_conventions_is_not_an_error(client, water):
    assertContains(client.get(reverse("theme_detail", args=["eau"])), "Aucune convention")


def test_the_rate_is_shown_with_a_range_of_amounts(client, registry):
    page = client.get(reverse("convention_list"), {"amount_min": "1"})
    assertContains(page, "1 EUR = 655,957 XOF")
    assertNotContains(client.get(reverse("convention_list")), "655,957")


def test_one_end_in_2091_leaves_the_others_their_room(client, registry, parakou, orleans):
    make_convention([parakou, orleans], starts_on="2020", ends_on="2091", **published())
    timeline = client.get(reverse("overview_timeline")).context["timeline"]
    this_year = timezone.localdate().year
    assert timeline.last == this_year + 10
    assert max(one.bar.added_from + one.bar.added for one in timeline.dated) <= 100.1
    # Two of twenty-odd years are still to be seen.
    assert timeline.dated[0].bar.length > 4


@pytest.mark.parametrize(("first", "last"), [(2026, 2026), (1958, 2036), (2001, 2031)])
def test_the_scale_has_few_years_each_in_its_place(first, last):
    ticks = ticks_between(first, last)
    assert 1 <= len(ticks) <= 4
    for year, place in ticks:
        assert first <= year <= last
        assert place == round(100 * (year - first) / (last - first + 1), 1)
