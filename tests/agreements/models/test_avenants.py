from datetime import date
from operator import attrgetter

import pytest
from django.core.exceptions import ValidationError

from agreements.facets import CONVENTION_INDEX
from agreements.models import Avenant, Convention, by_signature
from cooperation.roles import Role
from tests.factories import (
    make_avenant,
    make_convention,
    make_user,
    published,
)
from tests.refusals import refused


def term_of(convention, day=None):
    return Convention.objects.with_term(day).get(pk=convention.pk).term


def test_an_avenant_moves_the_term_from_its_signature_on():
    convention = make_convention(starts_on="2006", ends_on="2009")
    make_avenant(convention, signed_on="2009-12-10", ends_on="2010")
    assert term_of(convention, date(2009, 12, 9)) == "2009"
    assert term_of(convention, date(2009, 12, 10)) == "2010"


def test_the_last_avenant_decides_even_if_it_shortens():
    convention = make_convention(starts_on="2006", ends_on="2009")
    make_avenant(convention, ends_on="2012")
    make_avenant(convention, ends_on="2010-06")
    make_avenant(convention, purpose="Budget seulement")
    assert term_of(convention) == "2010-06"


@pytest.mark.parametrize(
    ("signatures", "last"),
    [
        (["2015", "2014"], 1),
        (["2014", "2015"], 2),
        (["2019-11-14", "2019"], 2),
        (["2019", "2019-11-14"], 2),
        (["2019-11-14", "2019-11-14"], 2),
        (["2015", None], 2),
        ([None, "2015"], 2),
        (["2015", None, "2014"], 2),
        (["2015-03", "2014", "2015-03-02"], 3),
        (["2016", "2014", "2015"], 1),
        (["2015-02", "2015-01-31", None, "2014"], 3),
    ],
)
def test_the_term_is_that_of_the_avenant_signed_last(signatures, last):
    """Numbers are given by whoever files: the last signature is what binds the parties."""
    convention = make_convention(starts_on="2010", ends_on="2013", **published())
    for number, day in enumerate(signatures, 1):
        end = str(2020 + number)
        make_avenant(convention, number=number, signed_on=day, ends_on=end, **published())
    assert term_of(convention) == str(2020 + last)
    ordered = by_signature(convention.avenants.order_by("number"), attrgetter("signed_on"))
    assert ordered[-1].number == last
    facet = CONVENTION_INDEX.facets["year"]
    years = [int(year) for _, year in facet.values(Convention.objects.all())]
    assert max(years) == 2020 + last


@pytest.mark.parametrize(
    ("own", "signatures", "found"),
    [
        ("2013", ["2015", "2014"], True),
        ("2013", ["2014", "2015"], False),
        ("2013-05", ["2013"], False),
        ("2013-05", ["2013-04-30"], True),
        (None, ["2013", None, "2014"], False),
        ("2013", ["2014-02-01", "2014"], False),
    ],
)
def test_avenants_whose_dates_contradict_each_other_are_told_apart(own, signatures, found):
    convention = make_convention(signed_on=own, **published())
    for number, day in enumerate(signatures, 1):
        make_avenant(convention, number=number, signed_on=day)
    assert Avenant.objects.contradicting().exists() == found


def test_a_draft_avenant_moves_no_published_convention():
    convention = make_convention(starts_on="2006", ends_on="2009", **published())
    avenant = make_avenant(convention, ends_on="2010")
    assert term_of(convention) == "2009"
    avenant.publish(make_user(Role.SECRETARIAT))
    assert term_of(convention) == "2010"


def test_an_avenant_cannot_end_before_its_convention_starts():
    convention = make_convention(starts_on="2019")
    avenant = Avenant(convention=convention, number=1, purpose="x", ends_on="2018")
    assert "précède le début de la convention" in refused(avenant, "ends_on")


def test_two_avenants_of_one_number_are_refused():
    convention = make_convention()
    make_avenant(convention, number=1)
    again = Avenant(convention=convention, number=1, purpose="x")
    assert "déjà un avenant de ce numéro" in refused(again)


def test_a_budget_change_needs_its_currency():
    avenant = Avenant(convention=make_convention(), number=1, purpose="x", budget_change="-5")
    assert "Choisissez la monnaie" in refused(avenant)


def test_an_avenant_waits_for_its_convention():
    avenant = make_avenant(make_convention())
    with pytest.raises(ValidationError, match="d’abord la convention"):
        avenant.publish(make_user(Role.SECRETARIAT))
