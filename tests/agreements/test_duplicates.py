"""Two entries of one convention: found, compared, made one, and nothing lost."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from pytest_django.asserts import assertContains, assertNotContains

from agreements.duplicates import likely_doubles, merge
from agreements.models import Convention
from cooperation.entry.workflow import open_steps
from cooperation.models import Theme, User
from cooperation.records.gates import Status
from cooperation.records.history import events
from cooperation.roles import Role
from tests.factories import (
    make_action,
    make_arrondissement,
    make_avenant,
    make_axis,
    make_budget_line,
    make_convention,
    make_document,
    make_indicator,
    make_partner,
    make_user,
    published,
)

# Sees everything.
ROOT = User(is_superuser=True)


@pytest.fixture
def pair(parakou, orleans):
    """The same convention, published from one side and declared again from the other."""
    kept = make_convention(
        [parakou, orleans], title="Partenariat Orléans-Parakou", note="Nôtre", **published()
    )
    other = make_convention(
        [orleans, parakou],
        title="Coopération Orléans – Parakou",
        kind="convention",
        objectives="Les objectifs",
        note="Leur",
    )
    return kept, other


def doubles():
    return [(p.first, p.second) for p in likely_doubles(Convention.objects.all())]


def test_the_same_parties_and_dates_are_likely_one(pair):
    assert doubles() == [pair]


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"title": "Partenariat Orléans – Parakou", "starts_on": "2020"}, True),
        ({"title": "Partenariat Orléans-Parakou", "starts_on": None, "ends_on": None}, True),
        ({"title": "Jumelage des hôpitaux", "starts_on": "2020"}, False),
        ({"title": "Partenariat Orléans-Parakou", "starts_on": "2022", "ends_on": "2024"}, False),
        ({"status": Status.WITHDRAWN} | published(status=Status.WITHDRAWN), False),
    ],
)
def test_titles_and_terms_decide(parakou, orleans, facts, found):
    make_convention([parakou, orleans], title="Partenariat Orléans-Parakou")
    make_convention([parakou, orleans], **{"title": "Autre"} | facts)
    assert bool(doubles()) == found


def test_one_common_partner_or_a_successor_is_no_double(parakou, orleans):
    first = make_convention([parakou, orleans], title="Partenariat")
    make_convention([parakou, make_partner()], title="Partenariat")
    make_convention([parakou, orleans], title="Partenariat", predecessor=first)
    assert doubles() == []


def test_a_common_funder_is_not_a_common_party(parakou, orleans):
    for title in ("Appui du premier projet", "Appui du second projet"):
        convention = make_convention([parakou, make_partner()], title=title)
        convention.parties.create(partner=orleans, role="bailleur")
    assert doubles() == []


def merge_page(kept, other):
    return reverse("convention_merge", args=[kept.reference, other.reference])


def filled(client, kept, other, **choices):
    form = client.get(merge_page(kept, other)).context["form"]
    data = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in data.items() if value not in (None, False)}
    return data | {"reason": "La même convention."} | choices


def test_a_merge_keeps_every_value_somewhere_and_leaves_a_redirect(secretariat, pair, parakou):
    kept, other = pair
    theme = Theme.objects.create(name="Eau", slug="eau")
    document, paper = make_document(), make_document()
    kept.documents.add(document)
    other.documents.add(paper)
    other.themes.add(theme)
    make_avenant(kept, number=1)
    avenant = make_avenant(other, number=1, purpose="Le leur")
    axis = make_axis(other)
    action = make_action(other, axis=axis)
    line = make_budget_line(other, action=action, amount="5")
    whole = make_budget_line(other, amount="7")
    indicator = make_indicator(other, action=action)
    extra = make_partner(name="Troisième")
    other.parties.create(partner=extra, role="bailleur")
    third = make_convention(predecessor=other)
    other.publish(secretariat.user)
    kept.refresh_from_db()

    page = secretariat.get(merge_page(kept, other))
    assertContains(page, "Coopération Orléans – Parakou")
    data = filled(secretariat, kept, other, field_kind="other", group_avenants="on")
    response = secretariat.post(merge_page(kept, other), data, follow=True)
    assertContains(response, "mène désormais à cette fiche")

    for record in (kept, other, avenant, axis, action, line, whole, indicator, third):
        record.refresh_from_db()
    assert (kept.title, kept.kind) == ("Partenariat Orléans-Parakou", "convention")
    assert kept.objectives == "Les objectifs"
    assert (kept.note, other.note) == ("Nôtre", "Leur")
    assert set(kept.documents.all()) == {document, paper}
    assert list(kept.themes.all()) == [theme]
    assert {p.partner.name for p in kept.parties.all()} == {"Parakou", "Orléans", "Troisième"}
    for moved in (avenant, axis, action, line, whole, indicator):
        assert moved.convention == kept, moved
    assert (avenant.number, action.axis) == (2, axis)
    assert third.predecessor == kept
    assert (other.status, other.merged_into) == (Status.MERGED, kept)
    assert paper.__class__.objects.get(pk=paper.pk).is_published
    assert any("La même convention." in event.reason for event in events(kept, ROOT))

    secretariat.logout()
    gone = secretariat.get(other.get_absolute_url())
    assert gone.status_code == 301
    page = secretariat.get(gone["Location"])
    assertContains(page, f"{other.reference} est fusionnée avec cette fiche")
    assertNotContains(secretariat.get("/conventions/"), "Coopération Orléans – Parakou")


def test_what_is_not_taken_stays_with_the_other(secretariat, pair):
    kept, other = pair
    line = make_budget_line(other, amount="5")
    make_budget_line(kept, amount="9")
    data = filled(secretariat, kept, other, field_title="other")
    assert "group_budget_lines" not in data
    secretariat.post(merge_page(kept, other), data)
    kept.refresh_from_db()
    line.refresh_from_db()
    assert kept.title == "Coopération Orléans – Parakou"
    assert line.convention == other
    assert "Partenariat Orléans-Parakou" in {
        change.old for event in events(kept, ROOT) for change in event.changes
    }


def test_a_merge_that_breaks_a_rule_changes_nothing(secretariat, pair):
    kept, other = pair
    Convention.objects.filter(pk=other.pk).update(starts_on="2025", ends_on="2026")
    other.refresh_from_db()
    data = filled(secretariat, kept, other, field_starts_on="other")
    response = secretariat.post(merge_page(kept, other), data)
    assertContains(response, "La fin précède le début")
    assertContains(response, "La même convention.")
    other.refresh_from_db()
    assert other.status == Status.DRAFT


def test_a_merge_of_what_changed_since_is_refused(secretariat, pair):
    kept, other = pair
    data = filled(secretariat, kept, other)
    other.save()
    assertContains(secretariat.post(merge_page(kept, other), data), "Relisez-les")
    assertContains(
        secretariat.post(merge_page(kept, other), filled(secretariat, kept, other, reason="")),
        "Donnez le motif",
    )
    other.refresh_from_db()
    assert other.status == Status.DRAFT


def test_only_the_secretariat_merges(client, pair, parakou):
    kept, other = pair
    for user in (make_user(Role.COMMUNE, partner=parakou), make_user(Role.MEMBER)):
        client.force_login(user)
        assert client.get(merge_page(kept, other)).status_code == 403
        assert client.get(reverse("double_list")).status_code == 403
    client.force_login(make_user(Role.COMMUNE, partner=parakou))
    assertContains(client.get(kept.get_absolute_url()), "Peut-être un double")
    client.force_login(make_user(Role.SECRETARIAT))
    assertContains(client.get(reverse("double_list")), merge_page(kept, other))
    assert client.get(merge_page(kept, kept)).status_code == 404


def test_a_merged_convention_takes_no_further_step(pair, secretariat):
    kept, other = pair
    merge(kept, other, by=secretariat.user, taken_fields=[], taken_groups=[], reason="x")
    assert open_steps(other, secretariat.user) == []
    with pytest.raises(ValidationError):
        merge(kept, other, by=secretariat.user, taken_fields=[], taken_groups=[], reason="x")
    assert secretariat.get(merge_page(kept, other)).status_code == 404


def test_a_visitor_learns_nothing_of_doubles(client, pair):
    assertNotContains(client.get(pair[0].get_absolute_url()), "double")


def join(kept, other, by, groups=()):
    merge(kept, other, by=by, taken_fields=[], taken_groups=groups, reason="Même chose.")


def test_drafts_that_are_merged_stay_unknown_to_visitors(client, parakou, orleans):
    kept, other = make_convention([parakou, orleans]), make_convention([parakou, orleans])
    join(kept, other, make_user(Role.SECRETARIAT))
    other.refresh_from_db()
    assert other.published_at is None
    assert client.get(other.get_absolute_url()).status_code == 404


def test_a_public_convention_does_not_vanish_into_a_draft(secretariat, pair):
    kept, other = pair
    page = merge_page(other, kept)
    response = secretariat.post(page, filled(secretariat, other, kept))
    assertContains(response, "gardez-la plutôt")
    kept.refresh_from_db()
    assert kept.is_published


def test_the_first_address_leads_on_after_a_second_merge(client, parakou, orleans):
    one, two, three = (make_convention([parakou, orleans], **published()) for _ in range(3))
    secretary = make_user(Role.SECRETARIAT)
    join(two, one, secretary)
    join(three, two, secretary)
    assert client.get(one.get_absolute_url())["Location"].startswith(three.get_absolute_url())


def test_a_merge_into_something_withdrawn_tells_no_reason(client, parakou, orleans):
    kept, other = (make_convention([parakou, orleans], **published()) for _ in range(2))
    secretary = make_user(Role.SECRETARIAT)
    join(kept, other, secretary)
    kept.move_to(Status.WITHDRAWN, by=secretary, reason="Erreur.")
    response = client.get(other.get_absolute_url())
    assert response.status_code == 410
    assert "Même chose." not in response.content.decode()


def test_a_merge_makes_no_circle_and_leaves_no_crossed_line(parakou, orleans):
    secretary = make_user(Role.SECRETARIAT)
    other = make_convention([parakou, orleans])
    between = make_convention(predecessor=other)
    kept = make_convention([parakou, orleans], predecessor=between)
    with pytest.raises(ValidationError, match="en rond"):
        join(kept, other, secretary)
    kept.predecessor = None
    kept.save()
    make_axis(other, added_by=make_avenant(other))
    with pytest.raises(ValidationError, match="autre convention"):
        join(kept, other, secretary, ["actions"])
    join(kept, other, secretary, ["avenants", "actions"])
    assert kept.axes.get().added_by == kept.avenants.get()


def test_a_merge_brings_delegations_along(parakou, orleans):
    kept, other = make_convention([parakou, orleans]), make_convention([parakou, orleans])
    delegate = make_user(Role.COMMUNE)
    other.delegations.create(user=delegate)
    join(kept, other, make_user(Role.SECRETARIAT))
    assert kept in Convention.objects.editable_by(delegate)


def test_what_a_party_says_is_not_lost_in_a_merge(secretary, parakou, orleans):
    """Its share of the money, and the arrondissement that the text engages, went with the double."""
    kept = make_convention([orleans], title="Une", **published())
    other = make_convention([orleans, parakou], title="Une", **published())
    part = make_arrondissement(parakou)
    other.parties.filter(partner=parakou).update(share=86, arrondissement=part)
    merge(kept, other, by=secretary, taken_fields=[], taken_groups=[], reason="La même.")
    party = kept.parties.get(partner=parakou)
    assert (party.share, party.arrondissement) == (86, part)
