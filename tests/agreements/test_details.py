"""What a page tells of one convention, and what it asks for it."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from agreements.details import RARE, convention_details, having_parts
from agreements.models import Convention
from cooperation.lists.pages import PER_PAGE
from cooperation.records.gates import Status
from tests.factories import make_action, make_budget_line, make_convention, published
from tests.reports.readers import pdf_of, text_of

pytestmark = pytest.mark.django_db


def test_what_few_conventions_have_costs_the_others_nothing(django_assert_num_queries):
    convention = make_convention(**published())
    with django_assert_num_queries(7):
        told = convention_details(convention.reference, AnonymousUser())
        assert not told["life"] and not told["tree"] and not told["merged"]
        assert told["partnership"] == [convention]
        assert not list(told["documents"])


@pytest.mark.parametrize("name", RARE)
def test_each_of_these_parts_is_seen_where_it_is(name):
    relation = Convention._meta.get_field(name)
    bare, other = make_convention(), make_convention()
    asked = Convention.objects.annotate(**having_parts())
    assert not getattr(asked.get(pk=bare.pk), f"has_{name}")
    if relation.many_to_many:
        line = relation.related_model.objects.create(convention=other, amount=1, currency="XOF")
        getattr(bare, name).add(line)
    elif relation.related_model is Convention:
        gone = {"status": Status.MERGED} if name == "merged" else {}
        Convention.objects.filter(pk=other.pk).update(**{relation.field.name: bare}, **gone)
    else:
        relation.related_model.objects.bulk_create(
            [relation.related_model(**{relation.field.name: bare})]
        )
    assert getattr(asked.get(pk=bare.pk), f"has_{name}")
    assert not getattr(asked.get(pk=other.pk), f"has_{name}")


def test_a_long_convention_leads_to_its_other_lines_and_its_fiche_has_all(client):
    convention = make_convention(**published())
    for number in range(1, PER_PAGE + 3):
        action = make_action(convention, title=f"Ouvrage {number:03}")
        make_budget_line(
            convention, action=action if number == 1 else None, label=f"Poste {number:03}"
        )
    page = client.get(convention.get_absolute_url())
    for words, address in (("Ouvrage", "action_list"), ("Poste", "budget_line_list")):
        assert page.text.count(f"{words} 0") == PER_PAGE
        assert f'href="{reverse(address)}?convention={convention.reference}"' in page.text
        rows = client.get(reverse(address), {"convention": convention.reference})
        assert rows.context["page"].paginator.count == PER_PAGE + 2
    fiche = reverse("fiche", args=["convention", convention.reference])
    told = text_of(pdf_of(client.get(fiche)))
    assert f"Ouvrage {PER_PAGE + 2:03}" in told and f"Poste {PER_PAGE + 2:03}" in told
