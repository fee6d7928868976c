import pytest
from django.core.exceptions import ValidationError

from agreements.models import Convention
from tests.factories import (
    make_convention,
)
from tests.refusals import refused


def test_a_duration_that_leads_too_far_is_refused():
    convention = Convention(title="x", starts_on="2099-11", duration_months=600)
    assert "après 2100" in refused(convention, "duration_months")


@pytest.mark.parametrize("year", ["0", "99999", "1899", "2101", "deux mille"])
def test_an_absurd_date_is_never_stored(year):
    with pytest.raises(ValidationError):
        make_convention(starts_on=year)
    assert not Convention.objects.exists()
