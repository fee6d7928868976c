"""The registry in the pages of others: public, framed by anybody, and leading back."""

import re
from html import unescape

import pytest
from django.conf import settings
from django.urls import reverse
from lxml import etree
from pytest_django.asserts import assertContains, assertNotContains

from cooperation.roles import Role
from reports.charts import CHARTS
from reports.embedding import frame_of
from tests.factories import make_budget_line, make_convention, make_partner, published

VIEWS = ["/integrer/liste/", "/integrer/carte/", "/integrer/chronologie/"]
FRAMES = [*VIEWS, "/integrer/chiffres/annees/"]


@pytest.fixture
def registry(parakou, orleans):
    shown = make_convention(
        [parakou, orleans], title="Publique", starts_on="2019", ends_on="2021", **published()
    )
    make_budget_line(shown, amount="10", currency="EUR", year=2020)
    make_convention([parakou, orleans], title="Secrète", starts_on="2019")
    return shown


@pytest.mark.parametrize("address", FRAMES)
def test_any_page_may_hold_a_view_and_no_other_page(client, registry, address):
    answer = client.get(address)
    assert "X-Frame-Options" not in answer
    assert "frame-ancestors *" in answer["Content-Security-Policy"]
    # Kept, it is the same.
    assert "frame-ancestors *" in client.get(address)["Content-Security-Policy"]
    for other in ("/", "/conventions/", "/connexion/", "/admin/login/"):
        assert "frame-ancestors 'none'" in client.get(other, follow=True)["Content-Security-Policy"]


@pytest.mark.parametrize("address", FRAMES)
def test_a_member_who_is_signed_in_shows_no_draft_in_a_frame(client, sign_in, registry, address):
    sign_in(Role.MEMBER)
    answer = client.get(address)
    assertNotContains(answer, "Secrète")
    assertContains(answer, '<base target="_top">')


def test_a_view_has_the_filters_of_its_page_and_leads_back_to_them(client, registry):
    answer = client.get("/integrer/liste/", {"commune": "parakou", "utm_source": "x"})
    assertContains(answer, "Publique")
    assertContains(answer, 'href="/conventions/?commune=parakou"')
    assertContains(client.get("/integrer/liste/", {"country": "BE"}), "Aucune convention")


def test_what_has_no_view_is_not_found(client, registry):
    for address in ("/integrer/autre/", "/integrer/chiffres/autre/", "/chiffres/autre.svg"):
        assert client.get(address).status_code == 404
    for url in (
        "",
        "/",
        "/connexion/",
        "/absente/",
        "https://exemple.bj/carte/",
        "//[",
        "/bilans/",
    ):
        assert client.get(reverse("share"), {"url": url}).status_code == 404
        assert client.get(reverse("oembed"), {"url": url}).status_code == 404


def test_a_draft_has_no_view(client, sign_in, parakou):
    draft = make_convention([parakou], title="Secrète")
    sign_in(Role.MEMBER)
    assert client.get(reverse("embedded_convention", args=[draft.reference])).status_code == 404
    answer = client.get(reverse("oembed"), {"url": draft.get_absolute_url()})
    assert answer.status_code == 404
    assertNotContains(answer, "Secrète", status_code=404)


def test_oembed_answers_what_the_page_says_it_does(client, registry):
    page = client.get("/conventions/", {"commune": "parakou"}).content.decode()
    address = unescape(re.search(r'application/json\+oembed" href="([^"]*)"', page)[1])
    answer = client.get(address.removeprefix(settings.SITE_URL))
    found = answer.json()
    assert (found["version"], found["type"]) == ("1.0", "rich")
    assert answer["Access-Control-Allow-Origin"] == "*"
    source = unescape(re.search('src="([^"]*)"', found["html"])[1])
    shown = client.get(source.removeprefix(settings.SITE_URL))
    assertContains(shown, "Publique")


def test_oembed_gives_no_more_room_than_is_asked_for(client, registry):
    url = registry.get_absolute_url()
    found = client.get(reverse("oembed"), {"url": url, "maxwidth": "300", "maxheight": "x"}).json()
    assert (found["width"], found["height"], found["title"]) == (300, 480, "Publique")
    assert 'width="300"' in found["html"]
    for asked in ("0", "-5", "999999999", "²"):
        found = client.get(reverse("oembed"), {"url": url, "maxwidth": asked}).json()
        assert 200 <= found["width"] <= 640
    assert client.get(reverse("oembed"), {"url": url, "format": "xml"}).status_code == 501


def test_a_title_cannot_leave_its_frame(client, parakou):
    title = '"><script>alert(1)</script>'
    convention = make_convention([parakou], title=title, **published())
    code = frame_of(convention.get_absolute_url()).code()
    assert "<script" not in code
    assert code.count('"') == 10


def test_the_code_to_paste_is_that_of_the_chart_asked_for(client, registry):
    answer = client.get(reverse("share"), {"url": "/chiffres/?commune=parakou#argent"})
    assertContains(answer, "/integrer/chiffres/argent/?commune=parakou")
    assert "/integrer/chiffres/annees/" in frame_of("/chiffres/#autre").address


@pytest.mark.parametrize("name", CHARTS)
def test_each_chart_is_a_picture_that_stands_alone(client, registry, name):
    make_partner(name="Gand", country="BE", **published())
    answer = client.get(reverse("chart_picture", args=[name]))
    assert answer["Content-Type"] == "image/svg+xml"
    root = etree.fromstring(answer.content)
    assert root.get("width") == "720"
    assert root.findtext("{*}title")


def test_a_picture_holds_its_title_and_its_figures(client, registry):
    picture = client.get(reverse("chart_picture", args=["country"])).content.decode()
    assert "France" in picture and "1 des 1 convention" in picture
    nothing = client.get(
        reverse("chart_picture", args=["country"]), {"country": "BJ", "year": "1999"}
    )
    assertContains(nothing, "rien à mettre en chiffres")
