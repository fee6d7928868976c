import time_machine
from django.urls import reverse

from cooperation.roles import Role
from tests.factories import make_user

PASSWORD = "girafe verte lundi soir"


def test_a_session_in_use_does_not_end(client):
    """It ended in the middle of a form, two weeks after the sign-in."""
    user = make_user(Role.SECRETARIAT, username="afi")
    user.set_password(PASSWORD)
    user.save()
    with time_machine.travel("2026-11-02", tick=False) as clock:
        client.post(reverse("account_login"), {"login": "afi", "password": PASSWORD})
        for day in ("2026-11-12", "2026-11-22", "2026-12-02"):
            clock.move_to(day)
            assert client.get(reverse("account_home")).status_code == 200, day
        clock.move_to("2026-12-20")
        assert client.get(reverse("account_home")).status_code == 302


def test_it_is_written_once_a_day(client, django_assert_num_queries):
    client.force_login(make_user(Role.MEMBER))
    client.get(reverse("account_home"))
    # The session, the person, their second factor, whether they sit in a group, what is new for them.
    with django_assert_num_queries(5):
        client.get(reverse("account_home"))
