"""Registries that were made before the migrations of reports come up to date, with what they hold."""

import pytest
from django.utils import timezone

from reports.models import Edition
from tests.migrations.moving import migrate, migrate_to_latest

FIRST = [("reports", "0001_bilans_and_reports")]
FROZEN = [("reports", "0002_frozen_editions")]


@pytest.mark.django_db(transaction=True)
def test_editions_of_before_get_their_number_and_title():
    apps = migrate(FIRST)
    bilan = apps.get_model("reports", "Bilan").objects.create(
        reference="bilan-2020-1",
        title="Bilan 2020",
        first_year=2020,
        last_year=2020,
    )
    for number in (1, 2):
        apps.get_model("reports", "Edition").objects.create(
            bilan=bilan, number=number, published_at=timezone.now(), pages=1, pdf_sha256=number
        )
    migrate(FROZEN)
    assert [(e.mark, e.title) for e in Edition.objects.order_by("number")] == [
        ("BILAN-2020-1-E1", "Bilan 2020"),
        ("BILAN-2020-1-E2", "Bilan 2020"),
    ]
    # Those whose first migration had made the columns already.
    migrate(FIRST, fake=True)
    migrate(FROZEN)
    migrate_to_latest()
    assert Edition.objects.get(number=2).mark == "BILAN-2020-1-E2"
