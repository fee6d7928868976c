"""The map of the communes as tiles: none is missing, and each leads to its conventions."""

import re
from html import unescape

import pytest
from django.urls import reverse

from cooperation.models import Partner
from reports.tiles import Tile, make_tiles
from tests.factories import make_budget_line, make_convention, make_partner, published


def test_the_77_communes_are_there_once_and_in_order(content):
    blocks = make_tiles({"parakou": 4}, {"kandi": 2})
    tiles = [tile for block in blocks for tile in block.tiles]
    assert len({tile.slug for tile in tiles}) == len(tiles) == 77
    by_slug = {tile.slug: tile for tile in tiles}
    assert (by_slug["parakou"].shade, by_slug["kandi"].shade) == (3, 0)
    assert by_slug["kandi"].told == "Kandi : aucune convention, et 2 par un groupement"
    alibori = [tile.slug for tile in blocks[1].tiles]
    assert alibori.index("malanville") < alibori.index("segbana")


def test_each_tile_of_the_home_page_leads_to_as_many_conventions(client, content):
    grouping = make_partner(name="Groupement", kind="groupement")
    grouping.memberships.create(member=Partner.objects.get(slug="kandi"))
    make_convention([grouping], **published())
    # No figure counts what was refused.
    refused = make_convention([Partner.objects.get(slug="kandi")], **published())
    refused.situations.create(kind="refusee", since="2020")
    page = client.get("/").content.decode()
    tiles = re.findall(
        r'href="(/conventions/\?[^"]*(?:commune|member)=[^"]+)"[^>]*>[^<]+<b>(\d+)', page
    )
    assert len(tiles) == 77
    shown = [(unescape(address), int(count)) for address, count in tiles if count != "0"]
    assert [count for address, count in shown if address.endswith("member=kandi")] == [1]
    for address, count in shown:
        assert client.get(address).context["listing"].count == count
    assert reverse("overview_map") in page


def test_the_tiles_tell_amounts_too_and_those_nobody_knows_are_no_nought(client, content):
    signing = [Partner.objects.get(slug=slug) for slug in ("materi", "kandi")]
    make_budget_line(make_convention(signing, **published()), amount="1250000")
    page = client.get("/", {"tuiles": "montants"}).text
    told = dict(re.findall(r'aria-label="([\w’ -]+) : ([^"]*)"', page))
    assert told["Matéri"] == told["Kandi"] == "1,2\u00a0M\u00a0€ prévus"
    assert told["Nikki"] == "aucun montant connu"
    assert page.count("<b>–</b>") == sum("aucun montant" in words for words in told.values())


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("Toukountouna", "Tou-koun-tou-na"),
        ("Zè", "Zè"),
        ("Bembèrèkè", "Bem-bè-rè-kè"),
        ("Dangbo", "Dan-gbo"),
        ("Ouidah", "Oui-dah"),
        ("Aplahoué", "Apla-houé"),
    ],
)
def test_a_long_name_breaks_between_its_syllables(name, broken):
    assert Tile(name, "x", 0, 0).broken == broken.replace("-", "\u00ad")
