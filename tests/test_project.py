"""What must hold for the whole project, whatever the apps contain."""

import json
import re
import subprocess
import tomllib

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.template.loader import get_template
from django.urls import URLPattern, get_resolver, reverse

from cooperation.models import Odd, User
from cooperation.records.base import Record, VersionedModel
from cooperation.records.recording import RecordedQuerySet
from cooperation.roles import PERMISSIONS, Role

ROOT = settings.BASE_DIR
TEMPLATES = ROOT / "templates"


def test_models_have_their_migrations():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_template_compiles(path):
    get_template(path.relative_to(TEMPLATES).as_posix())


OURS = [model for model in admin.site._registry if (ROOT / model._meta.app_label).exists()]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
@pytest.mark.parametrize("page", ["changelist", "add"])
def test_admin_page_opens(sign_in, model, page):
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")
    client = sign_in(Role.SECRETARIAT, is_superuser=True)
    # People make their accounts themselves, from an invitation.
    expected = 403 if model is User and page == "add" else 200
    assert client.get(url).status_code == expected


def test_every_permission_of_the_roles_exists():
    existing = {
        f"{app}.{codename}"
        for app, codename in Permission.objects.values_list("content_type__app_label", "codename")
    }
    assert set().union(*PERMISSIONS.values()) <= existing


def test_every_record_writes_history_on_every_path():
    records = [model for model in apps.get_models() if issubclass(model, Record)]
    assert len(records) > 8
    for model in records:
        assert isinstance(model._default_manager.all(), RecordedQuerySet), model


def test_every_model_is_ordered():
    for model in apps.get_models():
        if issubclass(model, (VersionedModel, User, Odd)):
            assert model._meta.ordering, model


def test_public_addresses_carry_no_primary_key():
    routes = [p for p in get_resolver().url_patterns if isinstance(p, URLPattern)]
    assert routes
    numbered = [p.name for p in routes if re.search("<[^>]*(pk|id)>", str(p.pattern))]
    # One's own keys: nobody else reads their addresses.
    assert set(numbered) <= {"mfa_edit_webauthn", "mfa_remove_webauthn"}


def test_no_page_answers_trace(client):
    for name in ("home", "convention_list", "action_list", "inventory", "healthz"):
        assert client.trace(reverse(name)).status_code == 405, name
    assert client.trace(reverse("inventory_file", args=["pdf"])).status_code == 405


def test_lock_satisfies_the_project():
    """Each dependency of pyproject.toml is locked, with hashes, and no host is named."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    locked = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock, re.MULTILINE))
    for requirement in wanted:
        name, bounds = re.match(r"([a-z0-9-]+)(?:\[[^]]*\])?(.*)", requirement).groups()
        version = [int(part) for part in locked[name].split(".")]
        for sign, bound in re.findall(r"(>=|<)([\d.]+)", bounds):
            limit = [int(part) for part in bound.split(".")]
            assert (version >= limit) if sign == ">=" else (version < limit), requirement


def test_run_script_names_its_verbs():
    printed = subprocess.run([ROOT / "run"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    for verb in ("demo", "test", "e2e", "check", "shell"):
        assert f"./run {verb}" in printed


def test_contributing_names_what_is_there():
    """A newcomer who follows it to a file finds that file."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    paths = set(re.findall(r"`((?:[a-z_]+/)+(?:[a-z_]+\.[a-z]+)?)`", text))
    assert len(paths) > 20
    missing = [path for path in paths if not (ROOT / path).exists()]
    assert not missing


def test_contributing_names_the_words_of_the_code():
    """« entered_fields », « in_state »… : a word that the code has no more leads nowhere."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for app in ("cooperation", "agreements", "actions", "reports")
        for path in (ROOT / app).rglob("*.py")
    )
    words = set(re.findall(r"`@?([A-Za-z]+_[A-Za-z_]+|[A-Z][a-z]+[A-Z]\w+)(?:\([^`]*\))?`", text))
    assert len(words) > 10
    lost = [word for word in words if not re.search(rf"\b{word}\b", code)]
    assert not lost


def test_no_test_asks_a_page_to_lack_what_a_random_name_may_hold():
    """Uids and tokens are hexadecimal: « 777 » was found in one of them, one run in a hundred."""
    short = re.compile(
        r"""assertNotContains\(.*,\s*["'][0-9a-f]{1,5}["']|["'][0-9a-f]{1,5}["'] not in """
    )
    asking = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if short.search(line)
    ]
    assert asking == []


def test_no_content_takes_a_number_that_the_database_gives():
    """PostgreSQL gave the third line the number of the first: the two lists did not load at once."""
    numbered = {
        row["model"]
        for path in ROOT.glob("*/fixtures/*.json")
        for row in json.loads(path.read_text(encoding="utf-8"))
        if "pk" in row
    }
    assert {apps.get_model(name) for name in numbered} == {Odd}
