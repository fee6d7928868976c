"""Registries that were made before the migrations of cooperation come up to date."""

import pytest

from cooperation.models import Import, Membership
from tests.migrations.moving import migrate, migrate_to_latest


@pytest.mark.django_db(transaction=True)
def test_an_import_of_before_has_one_sheet_with_its_headings():
    old = migrate([("cooperation", "0014_other_lists")]).get_model("cooperation", "Import")
    old.objects.create(reference="abc", kind="conventions", headings=["Intitulé", "Couleur"])
    migrate_to_latest()
    job = Import.objects.get(reference="abc")
    assert job.sheets == [
        {"kind": "conventions", "name": "", "headings": ["Intitulé", "Couleur"], "filled": [0, 1]}
    ]
    assert job.mapping == {}


@pytest.mark.django_db(transaction=True)
def test_members_of_before_stay_with_what_the_history_knew_of_them():
    apps = migrate([("cooperation", "0017_arrondissement")])
    partner, history, linked = (
        apps.get_model("cooperation", name)
        for name in ("Partner", "HistoricalPartner", "HistoricalPartner_members")
    )
    grouping, stays, left = (
        partner.objects.create(name=slug, slug=slug) for slug in ("groupement", "reste", "part")
    )
    grouping.members.add(stays)
    for day, members in ((1, [stays, left]), (2, [stays])):
        row = history.objects.create(
            id=grouping.pk,
            name="Groupement",
            slug="groupement",
            updated_at=f"2020-01-0{day}T00:00Z",
            history_date=f"2020-01-0{day}T00:00Z",
            history_type="~",
            history_change_reason=f"jour {day}",
        )
        for member in members:
            linked.objects.create(history=row, id=1, from_partner=grouping, to_partner=member)
    migrate_to_latest()
    assert [one.member.slug for one in Membership.objects.all()] == ["reste"]
    rows = Membership.history.order_by("history_id")
    assert sorted(
        (row.member_id, row.history_type, row.history_change_reason) for row in rows
    ) == sorted([(stays.pk, "+", "jour 1"), (left.pk, "+", "jour 1"), (left.pk, "-", "jour 2")])
