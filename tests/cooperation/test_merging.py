"""Two entries of one partner become one: nothing that named either is lost."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from pytest_django.asserts import assertContains, assertRedirects

from actions.models import Action, BudgetLine, Disbursement
from agreements.models import Convention, Party
from cooperation.merging import linking, merge, pointing
from cooperation.models import Contact, Partner, PartnerCode
from cooperation.records.gates import Status
from cooperation.roles import Role
from cooperation.typography import spaced
from tests.factories import make_convention, make_partner, make_user


@pytest.fixture
def cergy():
    return make_partner(name="Cergy", country="FR", website="https://cergy.exemple")


@pytest.fixture
def double():
    return make_partner(name="Ville de Cergy", short_name="VC", country="FR", aliases="Cergie")


def merged(kept, other, by, **taken):
    merge(kept, other, by=by, taken_fields=taken.get("fields", []), reason="La même ville.")
    kept.refresh_from_db()
    other.refresh_from_db()


def test_all_that_named_the_one_names_the_other(secretary, parakou, cergy, double):
    convention = make_convention([parakou, double], title="Eau")
    action = Action.objects.create(convention=convention, title="Forer")
    action.places.add(parakou)
    action.implementers.add(double)
    line = BudgetLine.objects.create(
        convention=convention, amount=10, currency="EUR", funder=parakou, through=double
    )
    line.joint_funders.add(double)
    Disbursement.objects.create(budget_line=line, amount=1, currency="EUR", payee=double)
    grouping = make_partner(name="Groupement", country="FR")
    grouping.members.add(double)
    PartnerCode.objects.create(partner=double, scheme="FR-COG", code="95127")
    Contact.objects.create(partner=double, function="Maire", name="X")
    heir = make_partner(name="Ancienne", country="FR", successor=double)
    person = make_user(Role.COMMUNE, partner=double)
    merged(cergy, double, secretary)
    assert not list(linking(double))
    assert not [row for row, _ in pointing(double)]
    assert {str(one) for one in convention.distinct_partners} == {"Parakou", "Cergy"}
    assert list(action.implementers.all()) == list(line.joint_funders.all()) == [cergy]
    line.refresh_from_db()
    person.refresh_from_db()
    heir.refresh_from_db()
    assert {line.through, person.partner, heir.successor} == {cergy}
    assert (cergy.contacts.count(), cergy.codes.count()) == (1, 1)
    assert list(grouping.members.all()) == [cergy]
    assert cergy.aliases.splitlines() == ["Ville de Cergy", "VC", "Cergie"]
    assert (double.status, double.merged_into) == (Status.MERGED, cergy)
    assert "La même ville." in convention.parties.last().history.first().history_change_reason


def test_a_party_in_both_names_is_one_party(secretary, parakou, cergy, double):
    convention = make_convention([parakou, cergy, double], title="Eau")
    convention.parties.filter(partner=double).update(share=86, note="porte le projet")
    convention.parties.filter(partner=cergy).update(note="chef de file")
    merged(cergy, double, secretary)
    party = convention.parties.get(partner=cergy)
    assert (party.share, party.note) == (86, "chef de file")
    assert Party.objects.filter(convention=convention, partner=cergy).count() == 1
    assert convention.parties.count() == 2


def test_the_value_that_one_chose_stays(secretary, cergy, double):
    merged(cergy, double, secretary, fields=["name"])
    assert cergy.name == "Ville de Cergy"
    assert cergy.website == "https://cergy.exemple"


@pytest.mark.parametrize("scheme", ["FR-SIREN", "FR-COG"])
def test_two_with_codes_of_one_list_are_two(secretary, cergy, double, scheme):
    codes = {"FR-SIREN": ("219501277", "217500016"), "FR-COG": ("95127", "75056")}[scheme]
    for partner, code in zip((cergy, double), codes, strict=True):
        PartnerCode.objects.create(partner=partner, scheme=scheme, code=code)
    with pytest.raises(ValidationError, match="Ce sont deux partenaires"):
        merge(cergy, double, by=secretary, taken_fields=[], reason="x")


def test_what_is_published_stays_public(secretary, cergy, double):
    double.publish(secretary)
    Partner.objects.filter(pk=cergy.pk).update(status=Status.DRAFT, published_at=None)
    cergy.refresh_from_db()
    with pytest.raises(ValidationError, match="gardez-le plutôt"):
        merge(cergy, double, by=secretary, taken_fields=[], reason="x")


def test_a_merged_partner_is_chosen_no_more(secretary, cergy, double):
    merged(cergy, double, secretary)
    assert double not in Partner.objects.linkable_by(secretary)
    with pytest.raises(ValidationError, match="l’une l’est déjà"):
        merge(double, cergy, by=secretary, taken_fields=[], reason="x")


def test_the_whole_path_on_the_pages(secretariat, cergy, double):
    for partner in (cergy, double):
        partner.publish(secretariat.user)
    old = double.get_absolute_url()
    assertContains(secretariat.get(cergy.get_absolute_url()), "Fusionner")
    page = secretariat.get(reverse("partner_doubles", args=[cergy.slug]))
    assertContains(page, "Ville de Cergy")
    assertContains(page, "porte ce nom")
    address = reverse("partner_merge", args=[cergy.slug, double.slug])
    page = secretariat.get(address)
    assertContains(page, "Rien encore ne nomme VC")
    data = {name: page.context["form"][name].value() for name in page.context["form"].fields}
    stale = secretariat.post(address, data | {"reason": "x", "kept_version": 99})
    assertContains(stale, "a changé depuis que vous l’avez lue")
    page = secretariat.post(address, data | {"reason": "La même."}, follow=True)
    assertContains(page, spaced("« Ville de Cergy (VC) » est fusionné avec cette fiche"))
    assertRedirects(Client().get(old), cergy.get_absolute_url(), status_code=301)


def test_merging_is_for_the_secretariat(agent, cergy, double):
    for name, key in (
        ("partner_doubles", [cergy.slug]),
        ("partner_merge", [cergy.slug, double.slug]),
    ):
        assert agent.get(reverse(name, args=key)).status_code == 403
    assert Convention.objects.count() == 0


def test_another_is_searched_for_by_name(secretariat, cergy):
    make_partner(name="Pontoise", country="FR")
    page = secretariat.get(reverse("partner_doubles", args=[cergy.slug]), {"q": "pontoise"})
    assertContains(page, "Pontoise")


def test_a_row_that_may_not_name_it_is_never_deleted(
    secretary, parakou, cergy, double, monkeypatch
):
    convention = make_convention([parakou, double], title="Eau")
    line = BudgetLine.objects.create(
        convention=convention, amount=10, currency="EUR", funder=double
    )

    def refuse(self, *args, **kwargs):
        raise IntegrityError

    monkeypatch.setattr(BudgetLine, "save_because", refuse)
    with pytest.raises(ValidationError, match="n’y a pas sa place"):
        merge(cergy, double, by=secretary, taken_fields=[], reason="x")
    line.refresh_from_db()
    double.refresh_from_db()
    assert (line.funder, double.merged_into) == (double, None)
