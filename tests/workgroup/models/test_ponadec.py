import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from workgroup.models import Computed, PonadecIndicator, PonadecYear
from workgroup.models.ponadec import with_unit


@pytest.fixture
def index():
    return PonadecIndicator.objects.create(name="Indice", definition="d", formula="f", unit="%")


@pytest.mark.parametrize(
    "told", [{"value": 1}, {"target": 1}, {"value": 1, "target_source": "Plan"}]
)
def test_no_number_stands_without_its_source(index, told):
    with pytest.raises(IntegrityError), transaction.atomic():
        PonadecYear.objects.create(indicator=index, year=2024, **told)


def test_a_year_is_told_once(index):
    PonadecYear.objects.create(indicator=index, year=2024, value=1, value_source="s")
    with pytest.raises(IntegrityError), transaction.atomic():
        PonadecYear.objects.create(indicator=index, year=2024, target=1, target_source="s")


def test_what_is_computed_takes_no_value(index):
    counted = PonadecIndicator.objects.create(
        name="Actes", definition="d", formula="f", unit="%", computed=Computed.NEW
    )
    with pytest.raises(ValidationError, match="ne se saisit pas"):
        PonadecYear(indicator=counted, year=2024, value=1, value_source="s").full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        PonadecIndicator.objects.create(
            name="Autre", definition="d", formula="f", unit="%", computed=Computed.NEW
        )


def test_what_was_told_stays_and_can_be_emptied(index):
    one = PonadecYear.objects.create(indicator=index, year=2024, value=1, value_source="s")
    for record in (one, index):
        with pytest.raises(ValidationError):
            record.delete()
    one.value = None
    one.save()
    assert list(one.history.values_list("value", flat=True)) == [None, 1]


def test_two_indicators_have_two_addresses(index):
    other = PonadecIndicator.objects.create(name="Indice !", definition="d", formula="f", unit="%")
    strange = PonadecIndicator.objects.create(name="指标", definition="d", formula="f", unit="%")
    assert [index.slug, other.slug, strange.slug] == ["indice", "indice-2", "indicateur"]
    assert str(index) == "Indice"


def test_a_number_stands_with_its_unit_where_it_has_one():
    assert with_unit(None, "%") == ""
    assert with_unit(0, "%") == "0\u00a0%"
    assert with_unit(12, "") == "12"
