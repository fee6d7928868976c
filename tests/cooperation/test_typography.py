"""French spaces: no line begins with « : », and nothing that a form sends back is changed."""

import pytest
from django.template import engines
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import escape

from cooperation.typography import FrenchTemplates, spaced, spaced_html
from tests.factories import make_convention, published

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Parties : deux", "Parties_: deux"),
        ("Quand ? Demain !", "Quand_? Demain_!"),
        ("un ; deux", "un_; deux"),
        ("« Eau » et « Santé »", "«_Eau_» et «_Santé_»"),
        ("avenant n° 2", "avenant n°_2"),
        ("40 % de 300 € ou 5 F CFA", "40_% de 300_€ ou 5_F CFA"),
        ("à 12 km, 3 ha, 10 h", "à 12_km, 3_ha, 10_h"),
        # Not of French prose: an address, an hour, a face, a plain number.
        ("https://exemple.bj/a:b", "https://exemple.bj/a:b"),
        ("12:30 et 2 hommes", "12:30 et 2 hommes"),
        ("un :smile", "un :smile"),
    ],
)
def test_spaces_that_never_end_a_line(written, shown):
    assert spaced(written) == shown.replace("_", NBSP)


def test_what_a_form_sends_back_is_left_as_it_was_typed():
    """A title saved again from a page would have other spaces than its source."""
    html = '<input value="Eau : a"><textarea>Eau : b</textarea><p title="Eau : c">Eau : d</p><code>e : f</code>'
    assert spaced_html(html) == html.replace("Eau : d", f"Eau{NBSP}: d")


def test_the_text_of_a_page_is_spaced_and_its_form_is_not(secretariat, parakou):
    convention = make_convention([parakou], title="Musée : étude", **published())
    page = secretariat.get(convention.get_absolute_url()).content.decode()
    assert f"<h1>Musée{NBSP}: étude</h1>" in page
    change = reverse("admin:agreements_convention_change", args=[convention.pk])
    form = secretariat.get(change).content.decode()
    assert escape("Musée : étude") in form.split('name="title"')[1].split(">")[0] or (
        'value="Musée : étude"' in form
    )


def test_plain_mails_keep_plain_spaces():
    assert isinstance(engines["django"], FrenchTemplates)
    assert NBSP not in render_to_string(
        "emails/error_answer.txt", {"notice": {"answer": "Oui : fait."}}
    )
