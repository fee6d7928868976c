"""What holds of a draft whatever door it goes through: its window, its versions, its paragraphs."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from tests.workgroup.factories import make_comment, make_draft, make_shared
from workgroup.models import Disposition, Draft, DraftStatus


@pytest.fixture
def shared(group, member):
    return make_shared(group, member)


@pytest.mark.parametrize(
    "moment, is_open",
    [("2027-03-12T22:59:59Z", True), ("2027-03-12T23:00:00Z", False)],
)
def test_the_last_second_of_the_last_day_is_in(shared, moment, is_open):
    shared.closes_on = date(2027, 3, 12)
    with time_machine.travel(moment, tick=False):
        assert shared.is_open == is_open
        assert shared.is_closed != is_open
        shared.save(update_fields=["closes_on"])
        assert Draft.objects.open().exists() == is_open


def test_the_one_wording_of_a_deadline(shared):
    shared.closes_on = date(2027, 3, 1)
    assert shared.deadline == "jusqu’au 1er mars 2027 inclus, 23 h 59 (heure de Porto-Novo)"


def test_a_new_version_begins_with_the_last_and_keeps_its_anchors(shared):
    version = shared.version_to_write()
    assert version.number == 2
    assert shared.version_to_write() == version
    before = list(shared.shared.sections.values_list("anchor", "heading", "text"))
    assert list(version.sections.values_list("anchor", "heading", "text")) == before
    # Members still read the first.
    assert shared.shared.number == 1


def test_paragraphs_are_numbered_by_their_section(shared):
    second = shared.shared.sections.last()
    assert [p.number for p in second.paragraphs] == ["2.1", "2.2"]


def test_what_is_answered_no_longer_changes_once_official(shared, member):
    comment = make_comment(shared, member)
    Draft.objects.filter(pk=shared.pk).update(closes_on=timezone.localdate() - timedelta(days=1))
    shared.refresh_from_db()
    comment.draft.refresh_from_db()
    comment.move_to(Disposition.NOTED, by=member)
    shared.outcome = "Transmis."
    shared.move_to(DraftStatus.OFFICIAL, by=member)
    comment.draft.refresh_from_db()
    with pytest.raises(ValidationError, match="ne change plus"):
        comment.move_to(Disposition.SET_ASIDE, by=member, reason="Tard")


def test_a_shared_draft_is_not_deleted(group, shared):
    with pytest.raises(ValidationError):
        shared.delete()
    make_draft(group).delete()
    assert Draft.objects.get() == shared
