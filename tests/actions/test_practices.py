"""The pages of good practices: drawn in one tap, completed, reviewed, browsed, printed."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from actions.models import GoodPractice
from cooperation.models import Odd, Theme
from cooperation.records.gates import Status
from cooperation.roles import Role
from cooperation.typography import spaced
from tests.factories import make_action, make_convention, make_practice, make_user, published


@pytest.fixture
def action(parakou, orleans):
    convention = make_convention([parakou, orleans], **published())
    return make_action(convention, title="Forages", state="achevee", results="Dix forages.")


def test_from_an_action_to_a_published_practice(agent, action, pango):
    assertContains(agent.get(reverse("practice_candidates")), "achevée, avec résultats")
    drawn = agent.post(reverse("practice_draw", args=[action.reference]), follow=True)
    assertContains(drawn, "Ce que l’action dit est repris")
    practice = GoodPractice.objects.get()
    texts = dict.fromkeys(("context", "approach", "conditions"), "Raconté pour d’autres.")
    agent.post(
        reverse("practice_edit", args=[practice.reference]),
        {"title": "Forer avec un comité", "results": "Dix forages.", "opened_version": 1} | texts,
    )
    practice.refresh_from_db()
    assert practice.title == "Forer avec un comité"
    submit = reverse("practice_step", args=[practice.reference, "soumettre"])
    agent.post(submit, {"version": practice.version})
    visitor = Client()
    assert visitor.get(practice.get_absolute_url()).status_code == 404
    secretariat = Client()
    secretariat.force_login(make_user(Role.SECRETARIAT))
    practice.refresh_from_db()
    publish = reverse("practice_step", args=[practice.reference, "publier"])
    secretariat.post(publish, {"version": practice.version})
    for address in (
        practice.get_absolute_url(),
        reverse("practice_list"),
        action.get_absolute_url(),
    ):
        assertContains(visitor.get(address), "Forer avec un comité")
    paper = visitor.get(reverse("fiche", args=["bonne-pratique", practice.reference]))
    assert b"".join(paper).startswith(b"%PDF")
    row = visitor.get(f"/api/v1/good-practices/{practice.reference}/").json()
    assert (row["action"], row["title"]) == (action.reference, "Forer avec un comité")


def test_a_published_one_is_corrected_by_the_secretariat_with_a_reason(agent, action):
    practice = make_practice(action, **published())
    data = {
        "title": "Autre",
        "context": "a",
        "approach": "b",
        "results": "c",
        "conditions": "d",
        "opened_version": practice.version,
    }
    address = reverse("practice_edit", args=[practice.reference])
    agent.post(address, data)
    practice.refresh_from_db()
    assert practice.title != "Autre"
    secretariat = Client()
    secretariat.force_login(make_user(Role.SECRETARIAT))
    secretariat.post(address, data)
    practice.refresh_from_db()
    assert practice.title != "Autre"
    secretariat.post(address, data | {"reason": "Titre plus clair"})
    practice.refresh_from_db()
    assert practice.title == "Autre"
    assert practice.history.first().history_change_reason == "Titre plus clair"


def test_it_is_browsed_by_theme_odd_and_words(client, action):
    eau = Theme.objects.create(name="Eau", slug="eau")
    odd = Odd.objects.get_or_create(number=6, name="Eau propre")[0]
    first = make_practice(action, title="Comité de point d’eau", **published())
    first.themes.add(eau)
    first.odds.add(odd)
    make_practice(action, title="Marché couvert", **published())
    for query in ("theme=eau", "odd=6", "q=comite"):
        page = client.get(f"{reverse('practice_list')}?{query}")
        assertContains(page, "Comité de point d’eau")
        assertNotContains(page, "Marché couvert")


def test_others_draw_edit_and_read_nothing_of_a_draft(client, action):
    practice = make_practice(action)
    other = Client()
    other.force_login(make_user(Role.COMMUNE))
    draw = reverse("practice_draw", args=[action.reference])
    edit = reverse("practice_edit", args=[practice.reference])
    for one in (client, other):
        assert one.post(draw).status_code in (302, 403, 404)
        assert one.get(edit).status_code in (302, 404)
        assert one.get(practice.get_absolute_url()).status_code == 404
        assert one.get(f"/api/v1/good-practices/{practice.reference}/").status_code == 404
        assertNotContains(one.get(reverse("practice_list")), practice.title)
    assert GoodPractice.objects.count() == 1
    member = Client()
    member.force_login(make_user(Role.MEMBER))
    assert member.post(draw).status_code == 403
    assertContains(member.get(practice.get_absolute_url()), practice.title)


def test_the_bilan_shows_them(client, action):
    make_practice(action, title="Comité de point d’eau", **published())
    make_practice(action, title="Pas encore relue")
    page = client.get(reverse("bilan", args=[2020]))
    assertContains(page, "Comité de point d’eau")
    assertNotContains(page, "Pas encore relue")


def test_the_bilan_shows_the_first_of_many(client, action):
    for number in range(25):
        make_practice(action, title=f"Pratique {number:02}", **published())
    page = client.get(reverse("bilan", args=[2020]))
    assertContains(page, spaced("relues et publiées : 25."))
    assertContains(page, "Pratique 19")
    assertNotContains(page, "Pratique 20")


def test_a_withdrawn_one_says_why_to_its_own(agent, action, secretary):
    practice = make_practice(action, **published())
    practice.move_to(Status.WITHDRAWN, by=secretary, reason="Résultats contestés")
    assertContains(agent.get(practice.get_absolute_url()), "Résultats contestés")
    assert Client().get(practice.get_absolute_url()).status_code == 404
