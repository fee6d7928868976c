"""One search: the same words find the same records at every door."""

import re

import pytest
from django.urls import reverse

from actions.models import BudgetLine
from agreements.models import Convention
from cooperation.roles import Role
from tests.factories import make_budget_line, make_convention, make_disbursement, published

WORDS = [
    "sakété",
    "urbanisme",
    "eau",
    "parakou orleans",
    "diabete",
    "jeunes artisans",
    "introuvable",
    "%",
    "_",
]


@pytest.fixture
def paid(content):
    """Every convention has an amount and a payment, so that each may be found by its money."""
    for convention in Convention.objects.filter(budget_lines=None):
        make_budget_line(convention)
    for line in BudgetLine.objects.all():
        make_disbursement(line, paid_on="2020")


def references_in(response):
    return set(re.findall(r"CONV-\d{4}-\d{4}(?!-A)", response.content.decode()))


def test_words_find_the_same_conventions_on_every_page_and_in_the_api(client, paid):
    for words in WORDS:
        found = client.get("/api/v1/conventions/", {"q": words, "page_size": 500}).json()["results"]
        expected = {row["reference"] for row in found}
        for name in ("budget_line_list", "disbursement_list"):
            page = client.get(reverse(name), {"q": words})
            links = set(re.findall(r"/conventions/(CONV-\d{4}-\d{4})/", page.content.decode()))
            assert links == expected, (words, name)
        page = client.get(reverse("convention_list"), {"q": words})
        assert references_in(page) >= expected, words
        asked = {"q": words, "page_size": 500}
        lines = client.get("/api/v1/budget-lines/", asked).json()["results"]
        assert {line["convention"] for line in lines} == expected, words


def test_words_find_the_same_in_the_entry_lists(sign_in, paid):
    client = sign_in(Role.SECRETARIAT)
    for words in WORDS:
        asked = {"q": words, "page_size": 500}
        found = client.get("/api/v1/conventions/", asked).json()["results"]
        page = client.get(reverse("admin:agreements_convention_changelist"), {"q": words})
        listed = {convention.reference for convention in page.context["cl"].result_list}
        assert listed == {row["reference"] for row in found}, words
        for model, resource in (("partner", "partners"), ("action", "actions")):
            app = "actions" if model == "action" else "cooperation"
            found = client.get(f"/api/v1/{resource}/", asked).json()["results"]
            page = client.get(reverse(f"admin:{app}_{model}_changelist"), {"q": words, "all": ""})
            assert page.context["cl"].result_count == len(found), (words, model)


def test_a_word_copied_from_a_pdf_or_typed_without_a_special_key_is_found(client):
    make_convention(title="Assai\u00adnissement de Ɖɛkpé", **published())
    for words in ("assainissement", "dekpe", "assai\u200bnissement ɖɛkpe"):
        page = client.get(reverse("convention_list"), {"q": words})
        assert page.context["listing"].count == 1, words
