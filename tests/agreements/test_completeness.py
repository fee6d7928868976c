import pytest
from django.urls import reverse
from pytest_django.asserts import assertContains

from agreements.completeness import COFUNDING, RULES, assess, worst_first
from agreements.models import Convention, LegalStep
from cooperation.models import Theme
from cooperation.roles import Role
from cooperation.typography import spaced
from tests.factories import (
    make_action,
    make_budget_line,
    make_convention,
    make_document,
    make_user,
)


def missing(convention):
    return {rule.name for rule in assess(convention).missing}


def test_a_complete_convention_scores_a_hundred(parakou, orleans):
    convention = make_convention([parakou, orleans], kind="convention", objectives="x")
    for party in convention.parties.all():
        party.role = "signataire"
        party.save()
    convention.themes.add(Theme.objects.create(name="Eau", slug="eau"))
    convention.odds.create(number=6, name="Eau propre")
    convention.documents.add(make_document())
    for kind in LegalStep.Kind.values:
        LegalStep.objects.create(convention=convention, kind=kind)
    make_action(convention, state="achevee", results="Trois puits")
    make_budget_line(convention, funder=orleans, amount="90", nature="numeraire")
    make_budget_line(convention, funder=parakou, amount="10", nature="numeraire")
    assert missing(convention) == set()
    assert assess(convention).score == 100
    assert assess(convention).next_to_do is None


def test_an_empty_convention_misses_what_it_misses():
    convention = make_convention([], starts_on=None, ends_on=None)
    assert missing(convention) == {rule.name for rule in RULES}
    assert assess(convention).score == 0


@pytest.mark.parametrize(
    ("foreign", "own", "in_kind", "lacking"),
    [
        ("10", "90", "0", set()),
        ("9.99", "90.01", "0", {"part étrangère d’au moins 10 %"}),
        ("50", "25", "25", set()),
        ("50", "24.99", "25.01", {"valorisation d’au plus 50 % par partie"}),
    ],
)
def test_cofunding_rules_hold_to_the_cent(parakou, orleans, foreign, own, in_kind, lacking):
    convention = make_convention([parakou, orleans])
    make_budget_line(convention, funder=orleans, amount=foreign, nature="numeraire")
    make_budget_line(convention, funder=parakou, amount=own, nature="numeraire")
    if in_kind != "0":
        make_budget_line(convention, funder=parakou, amount=in_kind, nature="valorisation")
    names = {rule.name for rule in RULES if COFUNDING in rule.sets} - {"délibération"}
    assert missing(convention) & names == lacking


def test_one_amount_in_two_currencies_is_asked_about(parakou, orleans):
    """Orléans: 726,619.24 € « soit » 476,341,782 F, both typed, made twice the money."""
    convention = make_convention([parakou, orleans])
    line = make_budget_line(convention, amount="726619.24")
    twice = make_budget_line(convention, amount="476341782", currency="XOF")
    (rule,) = [one for one in assess(convention).missing if one.name == "montants dits une fois"]
    assert "476\u00a0341\u00a0782\u00a0F\u00a0CFA sont presque" in rule.to_do
    twice.delete()
    line.equivalent, line.equivalent_currency = 476341782, "XOF"
    line.save()
    assert "montants dits une fois" not in missing(convention)


def test_each_convention_is_told_its_own_shares(parakou, orleans, secretariat):
    convention = make_convention([parakou, orleans])
    make_budget_line(convention, funder=orleans, amount="5", currency="EUR", nature="numeraire")
    make_budget_line(
        convention, funder=parakou, amount="65595.70", currency="XOF", nature="valorisation"
    )
    other = make_convention([parakou, orleans])
    told = {c: {rule.name: rule.to_do for rule in assess(c).missing} for c in (convention, other)}
    name = "part étrangère d’au moins 10 %"
    assert "apporte 4,7 % du budget" in told[convention][name]
    assert "aucun montant n’est saisi" in told[other][name]
    page = secretariat.get(convention.get_absolute_url()).content.decode()
    assert spaced("apporte 4,7 % du budget") in page


def test_the_secretariat_sees_the_least_complete_first(secretariat, client):
    better = make_convention(title="Mieux", kind="convention", objectives="x")
    worse = make_convention(title="Moins bien")
    assert [a.convention for a in worst_first(Convention.objects.all())] == [worse, better]
    page = secretariat.get(reverse("watch_list")).content.decode()
    assert page.index("Moins bien") < page.index("Mieux")
    assert "/change/#id_kind" in page
    for role in (Role.COMMUNE, Role.MEMBER):
        client.force_login(make_user(role))
        assert client.get(reverse("watch_list")).status_code == 403


def test_a_member_and_an_agent_see_the_score_of_what_they_follow(agent, parakou, orleans):
    convention = make_convention([parakou, orleans])
    assertContains(agent.get(convention.get_absolute_url()), "Complète à")
