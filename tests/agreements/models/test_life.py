"""What becomes of an agreement other than by its dates, and how it is known."""

from datetime import date

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from agreements.models import NO_AGREEMENT, Convention, Situation, State
from agreements.watch import watch
from reports.facts.bilan import build_bilan
from reports.facts.figures import build_home
from reports.facts.inventory import build_inventory
from tests.factories import make_convention, make_partner, published, tell_life
from tests.reports.readers import pdf_of, text_of

DAY = date(2024, 6, 15)


def state_of(convention, day=DAY):
    """From the rows and from the query, which are the same."""
    found = Convention.objects.with_term(day).get(pk=convention.pk).state_on(day)
    by_query = [state for state in State if Convention.objects.in_state(state, day).exists()]
    assert by_query == [found]
    return found


@pytest.mark.parametrize(
    ("situations", "dates", "state"),
    [
        ([("envisagee", "2020")], {}, State.PLANNED),
        ([("en-negociation", None)], {}, State.PLANNED),
        # What was planned is signed since.
        ([("envisagee", "2020")], {"signed_on": "2021", "ends_on": "2030"}, State.IN_FORCE),
        ([("envisagee", "2020"), ("refusee", "2021-03")], {}, State.REFUSED),
        ([("en-sommeil", "2023")], {"starts_on": "2020", "ends_on": "2030"}, State.SUSPENDED),
        ([("suspendue", None)], {}, State.SUSPENDED),
        ([("suspendue", "2022"), ("reprise", "2023")], {"starts_on": "2020"}, State.UNKNOWN),
        ([("suspendue", "2022")], {"starts_on": "2020", "ends_on": "2023"}, State.ENDED),
        ([("suspendue", "2025")], {"starts_on": "2020", "ends_on": "2030"}, State.IN_FORCE),
        ([("denoncee", "2022")], {"starts_on": "2020", "ends_on": "2030"}, State.STOPPED),
        ([("arretee", "2022")], {"starts_on": "1993", "has_no_term": True}, State.STOPPED),
        ([("transferee", "2022")], {"starts_on": "2020", "ends_on": "2030"}, State.IN_FORCE),
    ],
)
def test_the_state_follows_the_last_situation_of_the_day(situations, dates, state):
    convention = make_convention(**{"starts_on": None, "ends_on": None} | dates)
    for kind, since in situations:
        convention.situations.create(kind=kind, since=since)
    assert state_of(convention) == state


def test_what_was_stopped_is_no_more_in_force_in_the_years_after():
    convention = make_convention(starts_on="2015", ends_on="2030", **published())
    convention.situations.create(kind="denoncee", since="2019-05")
    lasting = [year for year in range(2014, 2025) if Convention.objects.overlapping(year).exists()]
    assert lasting == [2015, 2016, 2017, 2018, 2019]


@pytest.fixture
def refused(parakou):
    """Adjohoun: the council of the partner voted against; nobody has signed it."""
    convention = make_convention(
        [parakou, make_partner(country="FR")], title="Refusée", starts_on="2019", **published()
    )
    convention.situations.create(kind=Situation.Kind.REFUSED, since="2019", note="16 voix contre")
    return convention


def test_what_nobody_signed_is_told_and_is_in_no_figure(client, refused, parakou):
    make_convention([parakou, make_partner(country="FR")], starts_on="2019", **published())
    page = client.get(refused.get_absolute_url())
    assertContains(page, "refusée")
    assertContains(page, "16 voix contre")
    assertContains(client.get("/conventions/"), "Refusée")
    counts = {figure.name: figure.count for figure in build_home().figures}
    assert counts["conventions"] == 1
    inventory = build_inventory()
    assert inventory.count == 1
    assert "Sans 1 qui ne sont qu’envisagées, ou ont été refusées" in inventory.scope
    assert build_bilan(2019, 2019).count == 1
    row = client.get(f"/api/v1/conventions/{refused.reference}/").json()
    assert (row["state"], row["situation"]) == ("refusee", "refusee")
    listing = client.get("/conventions/", {"state": ["refusee"]}).context["listing"]
    assert listing.count == 1


def test_a_figure_leads_to_the_conventions_that_it_counts(client, refused, parakou):
    make_convention([parakou], starts_on="2019", ends_on="2020", **published())
    (figure,) = [one for one in build_home().figures if one.name == "conventions"]
    listing = client.get(f"/conventions/?{figure.query}").context["listing"]
    assert listing.count == figure.count == 1


def test_the_life_of_a_convention_is_on_its_page_and_in_its_history(client, parakou):
    convention = make_convention([parakou], **published())
    tell_life(convention)
    page = client.get(convention.get_absolute_url())
    for words in (
        "cérémonie – novembre 2019 – Parakou",
        "reprise – 2020 – Après les élections",
        "mars 2020 – Budget revu.",
        "visite – 2020 – Voir les puits.",
        'href="https://exemple.bj/a"',
        "2018 <small>selon Blog. Moins précis</small>",
    ):
        assertContains(page, words)
    draft = make_convention()
    tell_life(draft)
    assertNotContains(client.get("/api/v1/meetings/"), draft.reference)


def test_a_follow_up_that_has_not_met_is_watched(parakou):
    convention = make_convention(
        [parakou],
        starts_on="2020",
        ends_on="2030",
        follow_up_body="Comité de suivi",
        meeting_rhythm="annuel",
        **published(),
    )

    def told():
        points = {point.title: point.conventions for point in watch(Convention.objects.all(), DAY)}
        return points.get("Sans réunion de suivi depuis douze mois", [])

    assert told() == [convention]
    moves = {move.name: move.size for move in build_bilan(2023, 2023).moves}
    assert (moves["reunies"], moves["sans-reunion"]) == (0, 1)
    convention.meetings.create(held_on="2023-11")
    assert told() == []
    moves = {move.name: move.size for move in build_bilan(2023, 2023).moves}
    assert (moves["reunies"], moves["sans-reunion"]) == (1, 0)


def test_a_party_without_a_name_is_told_in_words(client, parakou):
    convention = make_convention([parakou], unnamed_parties="une troisième ville", **published())
    assertContains(client.get(convention.get_absolute_url()), "une troisième ville")


def test_what_is_no_agreement_is_no_state_of_one():
    assert set(NO_AGREEMENT) == {State.PLANNED, State.REFUSED}


def test_a_line_is_entered_with_its_convention(sign_in, parakou):
    convention = make_convention([parakou])
    client = sign_in("commune", partner=parakou)
    page = client.get(reverse("admin:agreements_convention_change", args=[convention.pk]))
    assertContains(page, "situations-TOTAL_FORMS")


@pytest.mark.parametrize(
    ("about", "retained"), [("Début", "2019"), ("DEBUT", "2019"), ("premier contact", "")]
)
def test_two_sources_that_disagree_stand_side_by_side(client, about, retained):
    convention = make_convention(starts_on="2019", **published())
    other = convention.other_values.create(
        about=about, value="2018", why="Moins précis", source="Le bulletin"
    )
    assert other.retained == retained
    page = client.get(convention.get_absolute_url()).text
    fiche = reverse("fiche", args=["convention", convention.reference])
    for told in (page, text_of(pdf_of(client.get(fiche)))):
        for words in ("Des sources ne s’accordent pas", "2018", "Le bulletin", "Moins précis"):
            assert words in told
    assert ("retenu ici" in page) == bool(retained)
