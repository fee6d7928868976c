"""The demonstration shows a year of the sub-group, and says of what is made up that it is."""

from django.core.management import call_command
from django.test import Client

from cooperation.demo import prepare_demo
from cooperation.models import User
from workgroup.example import MARK
from workgroup.models import (
    Correction,
    Draft,
    DraftComment,
    GroupMeeting,
    Minutes,
    WorkingGroup,
    missing_minutes,
)


def test_the_demonstration_has_a_year_of_the_group(content):
    prepare_demo()
    call_command("make_example")
    group = WorkingGroup.objects.get()
    assert group.source
    # The real text is the first; what is made up says so.
    first, other = Draft.objects.order_by("pk")
    assert first.is_official
    assert MARK not in first.title
    assert MARK in other.title
    assert all(MARK in meeting.title for meeting in GroupMeeting.objects.all())
    assert all(MARK in one.text for one in (*DraftComment.objects.all(), *Correction.objects.all()))
    assert len(missing_minutes(GroupMeeting.objects.all())) == 1
    assert Minutes.objects.public().exists()
    for username in (None, *User.objects.values_list("username", flat=True)):
        client = Client()
        if username:
            client.force_login(User.objects.get(username=username))
        for address in ("/gtd/", first.get_absolute_url(), "/gtd/reunions/"):
            assert client.get(address).status_code == 200
