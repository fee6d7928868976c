import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from cooperation.models import Theme
from cooperation.typography import spaced
from tests.factories import (
    make_action,
    make_budget_line,
    make_convention,
    make_document,
    make_partner,
    published,
)
from tests.lists import asked


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
    assertContains(page, spaced("Objectifs : Donner de l’<mark>eau</mark> à tous"))
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


def test_nothing_found_says_what_is_near(client):
    """Two filters that nothing answers: the page led nowhere, though one of them alone finds some."""
    make_convention([make_partner(name="Parakou"), make_partner(country="FR")], **published())
    page = client.get("/conventions/", {"country": "FR", "q": "introuvable"})
    (wider,) = page.context["listing"].near()
    assert (wider["value"], wider["count"]) == ("introuvable", 1)
    assertContains(page, spaced("Sans « Recherche : introuvable »"))
    assert client.get(f"/conventions/{wider['address']}").context["listing"].count == 1
    assert client.get("/conventions/", {"q": "introuvable"}).context["listing"].near() == []


def test_a_word_typed_amiss_leads_to_the_one_that_was_meant(client):
    """« orlaens parakou » found nothing, and said no more than that."""
    make_convention([make_partner(name="Parakou"), make_partner(name="Orléans")], **published())
    page = client.get("/conventions/", {"q": "orlaens parakou"})
    assertContains(page, "Vouliez-vous dire")
    meant = page.context["listing"].meant()
    assert (meant["words"], meant["count"]) == ("orleans parakou", 1)
    assert client.get("/conventions/", {"q": "zzzzzz"}).context["listing"].meant() is None


def test_no_word_of_what_is_hidden_is_proposed(client):
    make_convention(title="Secrète entente", **published(status="brouillon"))
    make_convention(title="Publique", **published())
    assert client.get("/conventions/", {"q": "ententa"}).context["listing"].meant() is None
