"""Gates, versions and history of every record."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from agreements.models import Convention
from cooperation.models import Partner, Theme, User
from cooperation.records.gates import Status
from cooperation.records.history import Change, changes_since
from cooperation.roles import Role
from tests.factories import make_convention, make_partner, make_user, published


def titles(queryset):
    return sorted(queryset.values_list("title", flat=True))


@pytest.fixture
def three(parakou):
    make_convention(title="draft of ours", partners=[parakou])
    make_convention(title="draft of others")
    make_convention(title="published", **published())


def test_each_role_sees_what_it_should(three, parakou):
    every = ["draft of others", "draft of ours", "published"]
    seen = {
        AnonymousUser(): ["published"],
        make_user(Role.COMMUNE, partner=parakou): ["draft of ours", "published"],
        make_user(Role.COMMUNE): ["published"],
        make_user(Role.MEMBER): every,
        make_user(Role.SECRETARIAT): every,
    }
    for user, expected in seen.items():
        assert titles(Convention.objects.visible_to(user)) == expected, user


def test_each_role_edits_what_it_should(three, parakou):
    edited = {
        make_user(Role.COMMUNE, partner=parakou): ["draft of ours"],
        make_user(Role.COMMUNE): [],
        make_user(Role.MEMBER): [],
        make_user(Role.SECRETARIAT): ["draft of others", "draft of ours", "published"],
    }
    for user, expected in edited.items():
        assert titles(Convention.objects.editable_by(user)) == expected, user


def test_no_partner_owns_nothing():
    make_convention(partners=[])
    member = make_user(Role.MEMBER)
    assert not Convention.objects.owned_by(member).exists()
    assert not Partner.objects.owned_by(member).exists()


def test_a_record_with_two_parties_is_listed_once(parakou):
    make_convention(partners=[parakou, make_partner()], **published())
    agent = make_user(Role.COMMUNE, partner=parakou)
    assert Convention.objects.visible_to(agent).count() == 1
    assert Convention.objects.editable_by(agent).count() == 1


def test_a_partner_entered_by_an_agent_is_theirs_until_it_is_published(parakou):
    agent = make_user(Role.COMMUNE, partner=parakou)
    other = make_user(Role.COMMUNE)
    entered = make_partner(name="Nouveau", status=Status.DRAFT, entered_by=parakou)
    assert entered in Partner.objects.editable_by(agent)
    assert entered not in Partner.objects.visible_to(other)
    entered.publish(make_user(Role.SECRETARIAT))
    assert entered not in Partner.objects.editable_by(agent)
    assert entered in Partner.objects.linkable_by(other)


def test_changes_since_a_version_name_the_fields():
    convention = make_convention(title="Avant")
    convention.title = "Après"
    convention._history_user = make_user(username="afi")
    convention.save()
    changes, author = changes_since(convention, 1, User(is_superuser=True))
    assert changes == [Change("title", "intitulé", "Avant", "Après")]
    assert author.username == "afi"
    assert changes_since(convention, 99, User()) == ([], None)


def test_text_is_clean_by_every_path():
    convention = make_convention(title="Orle\u0301ans\ufffe", objectives="a\r\nb\x00")
    convention.refresh_from_db()
    assert (convention.title, convention.objectives) == ("Orléans", "a\nb")
    theme = Theme.objects.bulk_create([Theme(name="Eau\ufffe", slug="eau")])[0]
    theme.refresh_from_db()
    assert theme.name == "Eau"


def test_a_form_names_forbidden_characters():
    convention = make_convention()
    convention.note = "bad\x1b"
    with pytest.raises(ValidationError) as refusal:
        convention.full_clean()
    assert "U+001B" in refusal.value.message_dict["note"][0]


def test_nothing_published_is_deleted():
    convention = make_convention(**published())
    for attempt in (
        convention.delete,
        Convention.objects.filter(pk=convention.pk).delete,
        convention.parties.first().delete,
        convention.parties.all().delete,
    ):
        with pytest.raises(ValidationError):
            attempt()
    assert convention.parties.count() == 2


def test_publishing_twice_changes_nothing():
    convention = make_convention()
    convention.publish(make_user(Role.SECRETARIAT))
    first = convention.published_at
    convention.publish(make_user(Role.SECRETARIAT))
    convention.refresh_from_db()
    assert abs(convention.published_at - first) < timezone.timedelta(milliseconds=1)


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL keeps its statistics by itself"
)
def test_sqlite_learns_how_its_tables_are_spread(monkeypatch):
    monkeypatch.setattr("cooperation.journal.STATISTICS", 1)
    make_convention(**published())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'agreements_convention'")
        assert cursor.fetchone()[0]


@pytest.mark.parametrize("text", ["\u200b\u2060", "\u3164", "\u00ad"])
def test_what_nobody_could_see_is_refused_as_a_text(text):
    """A title of such characters leaves a row without a name, which nothing finds and no one opens."""
    for record in (
        Convention(title=text),
        Convention(title="Eau", objectives=text),
        Partner(name=text, kind="autre"),
        Theme(name=text, slug="a"),
    ):
        with pytest.raises(ValidationError, match="invisibles"):
            record.clean_fields()


def test_search_reads_again_what_was_written_before(parakou):
    migration = import_module("actions.migrations.0006_search_text_folded_anew")
    convention = make_convention([parakou], title="Assai\u00adnissement de Ɖɛkpé")
    Convention.objects.update(search_text="assai nissement de ɖɛkpe")
    migration.forwards(apps, None)
    convention.refresh_from_db()
    assert "assainissement de dekpe" in convention.search_text
