"""Groups that worked before the migrations of their app come up to date, with what they hold."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.migrations.moving import migrate, migrate_to_latest
from workgroup.models import Draft, GroupMeeting, Minutes


@pytest.mark.django_db(transaction=True)
def test_minutes_have_one_identity_in_their_history_too_and_what_was_written_is_found():
    apps = migrate([("workgroup", "0003_ponadec_indicators")])
    group = apps.get_model("workgroup", "WorkingGroup").objects.create(name="Groupe", slug="groupe")
    now = timezone.now()
    for number in (1, 2):
        meeting = apps.get_model("workgroup", "GroupMeeting").objects.create(
            group=group,
            reference=f"REUNION-2026-00{number}",
            title=f"Séance {number} à Bohicon",
            starts_at=now,
            ends_at=now + timedelta(hours=1),
        )
        minutes = apps.get_model("workgroup", "Minutes").objects.create(meeting=meeting)
        apps.get_model("workgroup", "HistoricalMinutes").objects.create(
            id=minutes.pk, meeting=meeting, updated_at=now, history_date=now, history_type="+"
        )
    apps.get_model("workgroup", "Draft").objects.create(
        group=group, reference="TDR-2026-001", title="Termes à étudier"
    )
    migrate_to_latest()
    uids = [one.uid for one in Minutes.objects.all()]
    assert len(set(uids)) == 2
    for one in Minutes.objects.all():
        assert set(one.history.values_list("uid", flat=True)) == {one.uid}
    assert GroupMeeting.objects.search("seance bohicon").count() == 2
    assert Draft.objects.search("etudier").count() == 1
