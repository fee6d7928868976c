import pytest
from django.core.management import call_command
from django.urls import reverse

from agreements.models import Convention
from cooperation.models import Revision, Theme
from tests.factories import make_convention
from tests.search import conventions_found


def test_every_path_of_change_leaves_one_event_in_history(secretariat, tmp_path):
    theme = Theme.objects.create(name="Eau", slug="eau")

    def events():
        return theme.history.count()

    theme.name = "Eau potable"
    theme.save()
    assert events() == 2
    Theme.objects.filter(pk=theme.pk).update(name="Eau et assainissement")
    assert events() == 3
    theme.refresh_from_db()
    theme.name = "Eaux"
    Theme.objects.bulk_update([theme], ["name"])
    assert events() == 4
    theme.refresh_from_db()
    page = reverse("admin:cooperation_theme_change", args=[theme.pk])
    data = {"name": "L’eau", "slug": "eau", "opened_version": theme.version}
    assert secretariat.post(page, data).status_code == 302
    assert events() == 5
    assert theme.history.first().history_user == secretariat.user
    fixture = tmp_path / "theme.json"
    fixture.write_text(
        '[{"model": "cooperation.theme", "fields": {"name": "Eau douce", "slug": "eau"}}]'
    )
    call_command("loaddata", fixture, verbosity=0)
    assert events() == 6
    key = theme.pk
    theme.refresh_from_db()
    theme.delete()
    assert Theme.history.filter(id=key).count() == 7
    created = Theme.objects.bulk_create([Theme(name="A", slug="a"), Theme(name="B", slug="b")])
    assert [row.history.count() for row in created] == [1, 1]


def test_history_of_a_bulk_change_keeps_the_themes():
    convention = make_convention()
    convention.themes.add(Theme.objects.create(name="Santé", slug="sante"))
    Convention.objects.filter(pk=convention.pk).update(title="Autre intitulé")
    latest = convention.history.first()
    assert [row.theme.slug for row in latest.themes.all()] == ["sante"]
    assert latest.diff_against(latest.prev_record).changed_fields == [
        "search_text",
        "title",
        "updated_at",
        "version",
    ] or {"title"} <= set(latest.diff_against(latest.prev_record).changed_fields)


def test_a_bulk_change_is_found_by_search():
    convention = make_convention(title="Ancien")
    Convention.objects.filter(pk=convention.pk).update(title="Forêt")
    assert conventions_found("foret").exists()
    assert not conventions_found("ancien").exists()


def test_bulk_create_overwrites_nothing():
    with pytest.raises(TypeError):
        Theme.objects.bulk_create([Theme(name="A", slug="a")], ignore_conflicts=True)


def test_the_version_moves_with_every_save_even_of_some_fields():
    convention = make_convention()
    assert convention.version == 1
    convention.title = "Second"
    convention.save(update_fields=["title"])
    convention.refresh_from_db()
    assert convention.version == 2
    Convention.objects.update(note="remarque")
    convention.refresh_from_db()
    assert convention.version == 3


@pytest.mark.parametrize("path", ["save", "update", "bulk_create", "delete", "themes"])
def test_every_change_moves_the_revision(path):
    convention = make_convention()
    theme = Theme.objects.create(name="Eau", slug="eau")
    before = Revision.current()
    match path:
        case "save":
            convention.save()
        case "update":
            Convention.objects.update(note="remarque")
        case "bulk_create":
            Theme.objects.bulk_create([Theme(name="A", slug="a")])
        case "delete":
            convention.delete()
        case "themes":
            convention.themes.add(theme)
    assert Revision.current() > before
