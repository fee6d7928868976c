import pytest
from pytest_django.asserts import assertNotContains

from reports.facts.bilan import build_bilan
from reports.facts.inventory import build_inventory
from tests.factories import (
    make_action,
    make_avenant,
    make_budget_line,
    make_convention,
    make_partner,
    published,
)
from tests.reports.readers import pdf_of, text_of


@pytest.mark.parametrize("size", [1, 12])
def test_reports_take_the_same_queries_whatever_their_length(django_assert_num_queries, size):
    for _ in range(size):
        convention = make_convention(**published())
        make_action(convention, places=[make_partner()])
        make_avenant(convention, **published())
        make_budget_line(convention)
    build_inventory()  # the index follows
    with django_assert_num_queries(18):
        list(build_inventory().entries())
    with django_assert_num_queries(65):
        build_bilan(2020, 2020)


def test_drafts_stay_out_of_every_report(client, pango):
    make_budget_line(make_convention(title="Secrète"), amount="777777")
    for address in ("/", "/inventaire/", "/bilans/2020/"):
        response = client.get(address)
        assertNotContains(response, "Secrète")
        for written in ("777777", "777\u00a0777"):
            assertNotContains(response, written)
    assert "Secrète" not in text_of(pdf_of(client.get("/inventaire.pdf")))
