import pytest

from cooperation.models import Theme
from reports.models import Bilan
from tests.factories import (
    make_action,
    make_avenant,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_indicator,
    make_measurement,
    published,
)


@pytest.fixture
def registry(parakou, orleans):
    """What ends, begins, is prolonged and goes on in 2021, with money and results."""
    ended = make_convention(
        [parakou, orleans], title="Finie", starts_on="2019", ends_on="2021", **published()
    )
    action = make_action(
        ended,
        title="Forages",
        places=[parakou],
        state="achevee",
        planned_end="2020",
        actual_end="2021",
        results="Dix forages.",
        difficulties="Saison des pluies.",
    )
    line = make_budget_line(ended, amount="1000.10", nature="numeraire", funder=orleans)
    make_budget_line(ended, amount="655957", currency="XOF", nature="valorisation")
    make_disbursement(line, amount="300.03", paid_on="2021-05")
    make_disbursement(line, amount="99", paid_on="2019")
    indicator = make_indicator(ended, action=action, name="Ménages servis", target="100")
    make_measurement(indicator, "40", measured_on="2021")
    make_measurement(indicator, "90", measured_on="2022")
    begun = make_convention(
        [parakou],
        title="Nouvelle",
        starts_on="2021",
        ends_on="2023",
        predecessor=ended,
        **published(),
    )
    prolonged = make_convention(
        [orleans], title="Prolongée", starts_on="2018", ends_on="2020", **published()
    )
    make_avenant(prolonged, signed_on="2021-01", ends_on="2022", **published())
    make_convention([parakou], title="Ancienne", starts_on="2010", ends_on="2012", **published())
    make_convention([parakou], title="Secrète", starts_on="2021", ends_on="2022")
    return ended, begun, prolonged


@pytest.fixture
def bilan(registry):
    return Bilan.objects.create(
        title="Bilan 2021 pour la commission",
        first_year=2021,
        last_year=2021,
        summary="**Cinq** constats",
    )


@pytest.fixture
def themes():
    return [Theme.objects.create(name=name, slug=name.lower()) for name in ("Eau", "Santé")]


@pytest.fixture
def themed(themes, parakou, orleans):
    """One convention of two themes, one of none, each with money; and a draft."""
    first = make_convention(
        [parakou, orleans], title="Première", starts_on="2001", ends_on="2003", **published()
    )
    first.themes.set(themes)
    make_action(first, places=[parakou])
    line = make_budget_line(first, amount="1000.10", currency="EUR", nature="numeraire")
    make_disbursement(line, amount="300.03")
    make_budget_line(first, amount="655957", currency="XOF", nature="valorisation")
    second = make_convention(
        [parakou], title="Seconde", starts_on="2010", ends_on="2012", **published()
    )
    make_budget_line(second, amount="0.20", currency="EUR")
    make_budget_line(second, amount="50", currency="USD")
    make_budget_line(make_convention([parakou], title="Brouillon"), amount="999")
    return first
