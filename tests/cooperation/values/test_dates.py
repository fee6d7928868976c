from datetime import date

import pytest
from django.db.models import Q
from hypothesis import given
from hypothesis import strategies as st

from agreements.models import Convention
from cooperation.values.dates import PartialDate, not_before, period_label
from tests.factories import make_convention

PARTIAL_DATES = st.dates(date(1900, 1, 1), date(2100, 12, 31)).flatmap(
    lambda day: st.sampled_from([4, 7, 10]).map(
        lambda length: PartialDate(day.isoformat()[:length])
    )
)


@pytest.mark.parametrize(
    ("typed", "iso", "label"),
    [
        ("2019", "2019", "2019"),
        (" 2019 ", "2019", "2019"),
        ("11/2019", "2019-11", "novembre 2019"),
        ("2019-11", "2019-11", "novembre 2019"),
        ("novembre 2019", "2019-11", "novembre 2019"),
        ("Août 2019", "2019-08", "août 2019"),
        ("nov. 2019", "2019-11", "novembre 2019"),
        ("14/11/2012", "2012-11-14", "14 novembre 2012"),
        ("14-11-2012", "2012-11-14", "14 novembre 2012"),
        ("11-2019", "2019-11", "novembre 2019"),
        ("14.11.2012", "2012-11-14", "14 novembre 2012"),
        ("14,11,2012", "2012-11-14", "14 novembre 2012"),
        # As the keys of a telephone give it.
        ("14112012", "2012-11-14", "14 novembre 2012"),
        ("112019", "2019-11", "novembre 2019"),
        ("le 14 novembre 2012", "2012-11-14", "14 novembre 2012"),
        ("1er février 2020", "2020-02-01", "1er février 2020"),
        ("2020-02-29", "2020-02-29", "29 février 2020"),
    ],
)
def test_reads_what_people_type_at_its_precision(typed, iso, label):
    read = PartialDate.parse(typed)
    assert (read, read.label) == (iso, label)


@pytest.mark.parametrize(
    "typed",
    ["", "20", "19", "31/02/2019", "13/2019", "0000", "99999", "1899", "2101", "2019-1", "hier",
     "14 brumaire 2012", "x novembre 2012", "201911", "20191114", "1112019", "31022019", "²²²²", "٢٠١٩"],
)  # fmt: skip
def test_refuses_what_is_no_date(typed):
    with pytest.raises(ValueError):
        PartialDate.parse(typed)


@given(PARTIAL_DATES)
def test_its_days_are_those_of_its_precision(partial):
    first, last = partial.first_day, partial.last_day
    assert first <= last
    assert first.isoformat().startswith(partial)
    assert last.isoformat().startswith(partial)


@given(PARTIAL_DATES, st.dates(date(1899, 1, 1), date(2102, 1, 1)))
def test_text_compares_as_its_first_day_does(partial, day):
    assert (partial <= day.isoformat()) == (partial.first_day <= day)


@pytest.mark.parametrize("ends_on", ["2019", "2019-11", "2019-11-14"])
@pytest.mark.parametrize(
    "day", [date(2019, 1, 1), date(2019, 10, 31), date(2019, 11, 14), date(2019, 11, 15),
            date(2019, 11, 30), date(2019, 12, 1), date(2019, 12, 31), date(2020, 1, 1)],
)  # fmt: skip
def test_the_database_finds_dates_not_before_a_day(ends_on, day):
    make_convention(starts_on="2018", ends_on=ends_on)
    at_least, within = not_before("ends_on", day)
    found = Convention.objects.filter(Q(**at_least) | Q(**within)).exists()
    assert found == (PartialDate(ends_on).last_day >= day)


@pytest.mark.parametrize(
    ("begin", "months", "end"),
    [
        ("2019-11", 26, "2021-12"),
        ("2019-12", 1, "2019-12"),
        ("2019-11-14", 12, "2020-11-13"),
        ("2019-01-01", 12, "2019-12-31"),
        ("2020-01-31", 1, "2020-02-29"),
        ("2020-03-31", 6, "2020-09-30"),
        # Of a year, the last one that it may mean.
        ("2009", 36, "2012"),
        ("2009", 1, "2009"),
        ("2009", 6, "2010"),
    ],
)
def test_a_duration_ends_at_the_precision_of_its_beginning(begin, months, end):
    assert PartialDate(begin).after_months(months) == end


@pytest.mark.parametrize("begin", ["2099", "2099-11", "2099-11-14"])
def test_a_duration_stays_within_the_years_of_the_registry(begin):
    with pytest.raises(ValueError):
        PartialDate(begin).after_months(600)


def test_a_period_says_only_what_is_known():
    year, day = PartialDate("1995"), PartialDate("2019-07-26")
    assert period_label(year, day) == "1995 – 26 juillet 2019"
    assert period_label(year, year) == "1995"
    assert period_label(year, None) == "depuis 1995"
    assert period_label(day, None) == "depuis le 26 juillet 2019"
    assert period_label(PartialDate("2099"), None) == "dès 2099"
    assert period_label(None, day) == "jusqu’au 26 juillet 2019"
    assert period_label(None, year) == "jusqu’à 1995"
    assert period_label(None, None) == ""
