"""What a council, the tutelle or the State decided of a convention, refusals too."""

import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains

from agreements.completeness import assess
from agreements.models import Convention, LegalStep, Party
from agreements.watch import watch
from reports.facts.bilan import build_bilan
from tests.factories import make_convention, published
from tests.refusals import refused

Result = LegalStep.Result


def missing(convention):
    return [known for label, known in convention.legal_gaps if label.startswith("délibération")]


@pytest.mark.parametrize(
    ("result", "is_held"),
    [("", True), (Result.GRANTED, True), (Result.REFUSED, False), (Result.ADJOURNED, False)],
)
def test_a_refusal_is_told_and_the_step_is_still_missing(client, parakou, orleans, result, is_held):
    """Sixteen councillors of Adjohoun voted against: the registry said that the council had deliberated."""
    convention = make_convention(
        [parakou, orleans], starts_on="2021", ends_on="2090", **published()
    )
    convention.legal_steps.create(
        kind=LegalStep.Kind.DELIBERATION,
        organ="Conseil communal",
        result=result,
        votes_for=3,
        votes_against=16,
    )
    convention = Convention.objects.with_term().get()
    assert missing(convention) == ([] if is_held else ["à obtenir"])
    assert dict(build_bilan(2021, 2021).legal)["délibération du conseil"] == is_held
    rules = [rule.name for rule in assess(convention).missing]
    assert any("délibération" in name for name in rules) != is_held
    found = client.get("/conventions/?missing=deliberation").context["listing"].count
    assert (found == 0) == is_held
    row = b"".join(client.get("/conventions/export.csv")).decode().splitlines()[1]
    assert ("délibération du conseil" not in row) == is_held
    page = client.get(convention.get_absolute_url())
    for told in ("Conseil communal", "Voix contre", "16"):
        assertContains(page, told)
    (step,) = client.get(reverse("legalstep-list")).json()["results"]
    assert (step["result"], step["votes_for"], step["votes_against"]) == (result, 3, 16)


def test_steps_of_some_conventions_are_missing_from_no_other(parakou, orleans):
    """An authorisation or an agreement of the State is not asked of every twinning."""
    convention = make_convention(
        [parakou, orleans], starts_on="2021", ends_on="2090", **published()
    )
    for kind in LegalStep.EXPECTED:
        convention.legal_steps.create(kind=kind)
    assert convention.legal_gaps == []
    assert "Dossier légal incomplet" not in [p.title for p in watch(Convention.objects.all())]
    convention.legal_steps.create(kind=LegalStep.Kind.RATIFICATION)
    assert [label for label, _ in build_bilan(2021, 2021).legal] == [
        kind.label for kind in LegalStep.EXPECTED
    ]


def test_a_nature_has_the_words_of_its_text(client, parakou, orleans):
    facts = {"kind": Convention.Kind.OTHER, "kind_words": "pacte de fraternité"}
    convention = make_convention([parakou, orleans], **facts, **published())
    for address in (convention.get_absolute_url(), "/conventions/", "/inventaire/"):
        assertContains(client.get(address), "acte de fraternité")
    iati = b"".join(client.get(reverse("iati_activities"))).decode()
    assert "Pacte de fraternité entre" in iati


def test_another_nature_without_words_is_asked_for_them():
    convention = Convention(title="x", kind=Convention.Kind.OTHER)
    assert "dans les mots du texte" in refused(convention)


@pytest.mark.parametrize("role", Party.Role.values)
def test_every_role_is_taken_and_told(client, parakou, orleans, role):
    convention = make_convention([parakou], **published())
    convention.parties.create(partner=orleans, role=role)
    assertContains(client.get(convention.get_absolute_url()), Party.Role(role).label)
    assert client.get(f"/conventions/?role={role}").context["listing"].count == 1


def test_results_and_recommendations_of_an_agreement_are_read_where_it_is(client, parakou, orleans):
    facts = {
        "results": "Deux écoles reliées.",
        "difficulties": "Changement de conseil.",
        "recommendations": "Un comité chaque année.",
    }
    convention = make_convention([parakou, orleans], **facts, **published())
    page = client.get(convention.get_absolute_url())
    for text in facts.values():
        assertContains(page, text)
    assert client.get("/conventions/?results=oui").context["listing"].count == 1
    assert client.get("/conventions/?q=comite").context["listing"].count == 1
