import pytest

from cooperation.models import Odd, PartnerCode, Theme
from tests.factories import (
    make_action,
    make_avenant,
    make_axis,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_document,
    make_indicator,
    make_measurement,
    make_partner,
    published,
)


@pytest.fixture
def rich(parakou, orleans):
    """A convention with all that the registry may know of one."""
    PartnerCode.objects.create(partner=orleans, scheme="FR-SIREN", code="214502346")
    parakou.latitude, parakou.longitude = "9.337", "2.630"
    parakou.save()
    fund = make_partner(name="Fonds", kind="bailleur", country="")
    first = make_convention(starts_on="2015", ends_on="2018-06", **published())
    convention = make_convention(
        [orleans, parakou],
        title="Eau & assainissement",
        starts_on="2019-11",
        ends_on="2021",
        objectives="Boire <propre>.\nPartout.",
        predecessor=first,
        **published(),
    )
    convention.parties.filter(partner=orleans).update(role="chef-de-file")
    for name, code in (("Eau", "14030"), ("Déchets", "14050"), ("Sans code", "")):
        slug = name.lower().replace("é", "e").replace(" ", "-")
        convention.themes.add(Theme.objects.create(name=name, slug=slug, dac_code=code))
    convention.odds.add(Odd.objects.get_or_create(pk=6, defaults={"name": "Eau propre"})[0])
    avenant = make_avenant(
        convention,
        signed_on="2021-10",
        ends_on="2022-06",
        budget_change="500",
        currency="EUR",
        **published(),
    )
    avenant.documents.add(make_document(title="Avenant signé", dated="2021-10-04", **published()))
    convention.documents.add(make_document(title="Secret", access="membres", **published()))
    action = make_action(
        convention,
        title="Puits",
        axis=make_axis(convention, added_by=avenant),
        places=[parakou],
        planned_start="2020",
        actual_start="2020-03-01",
        actual_end="2021-02",
        state="achevee",
        beneficiaries="300 ménages",
    )
    action.implementers.add(parakou)
    make_action(convention, title="Sans date", state="suspendue")
    line = make_budget_line(convention, action=action, funder=fund, amount="1500.50", year=2020)
    make_disbursement(line, amount="3", paid_on="2020-02", reference="V 12")
    make_disbursement(line, amount="4")
    make_budget_line(convention, amount="655957", currency="XOF", nature="mixte", funder=orleans)
    make_budget_line(convention, amount="900", nature="valorisation", funder=parakou)
    indicator = make_indicator(
        convention, action=action, baseline="10", baseline_on="2019", target="100", target_on="2022"
    )
    make_measurement(indicator, "40.5", "2021-06", place=parakou, sex="femmes")
    make_measurement(indicator, "55", "2022")
    make_measurement(make_indicator(convention, unit="%"), "12.5", "2020-05-06")
    return convention


@pytest.fixture(autouse=True)
def goals():
    for number in (6, 11):
        Odd.objects.get_or_create(pk=number, defaults={"name": f"Objectif {number}"})
