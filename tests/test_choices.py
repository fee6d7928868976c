"""Closed lists: their values are never typed as text, and every map keyed by them is whole."""

import ast
import sys
from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from agreements.importing.conventions import ConventionImporter
from agreements.models import NO_AGREEMENT, LegalStep, State
from cooperation.models import Document, Import, Partner, PartnerCode
from reports.facts.figures import STATES
from tests.factories import make_convention, make_document, published

ROOT = settings.BASE_DIR
APPS = ("cooperation", "agreements", "actions", "workgroup", "communes", "reports")


def closed_lists():
    """Every TextChoices class of ours, wherever it is defined."""
    found, ahead = [], [models.TextChoices]
    while ahead:
        for one in ahead.pop().__subclasses__():
            ahead.append(one)
            if one.__module__.split(".")[0] in APPS:
                found.append(one)
    return found


def names_in_use():
    """Words that are also names of fields, models, relations or resources."""
    names = {model._meta.model_name for model in apps.get_models()}
    for model in apps.get_models():
        names.update(field.name for field in model._meta.get_fields())
    return names


def typed_texts(tree):
    """(line, text) of the string constants of a module, but for docstrings and choices themselves."""
    skipped = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any(
            "TextChoices" in ast.unparse(b) for b in node.bases
        ):
            skipped.update(id(child) for child in ast.walk(node))
        if isinstance(node, ast.JoinedStr):
            skipped.update(id(child) for child in ast.walk(node))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in skipped
        ):
            yield node.lineno, node.value


# Words that mean something else where they stand, by the module.
DEFINITIONS = {"en-vigueur", "a-venir", "terme-inconnu", "valorisation", "inventaire"}
HOMONYMS = {
    # Accounts of the demonstration.
    "cooperation/demo.py": {"membre", "secretariat"},
    # Names of guides in addresses.
    "reports/views/about.py": {"secretariat"},
    # Words of a search.
    "reports/finding.py": {"accord", "accords"},
    # An example of what programs send.
    "cooperation/rest/schema.py": {"signataire"},
    # Not a member of a class: a code beside those of the standard.
    "cooperation/values/languages.py": {"autre"},
    # A constraint stands where the members have no name.
    "agreements/models/conventions.py": {"autre"},
    # Labels and headings, as people write them.
    "cooperation/records/history.py": {"ajout"},
    "cooperation/models/partners.py": {"membres"},
    "cooperation/models/memberships.py": {"groupement", "membre"},
    "agreements/importing/conventions.py": {"signataire", "accords"},
    "actions/importing/money.py": {"bailleur"},
    # A word of lists for what dates tell.
    "agreements/importing/cells.py": {"expiree"},
    "reports/models.py": {"rapport", "demande"},
    "agreements/models/life.py": {"rapport"},
    # The address of a step of the workflow.
    "cooperation/entry/workflow.py": {"reprise"},
    # A set of rules.
    "agreements/completeness.py": {"IATI"},
    # Names of definitions.
    "reports/facts/definitions.py": DEFINITIONS,
    "reports/facts/bilan.py": DEFINITIONS,
    "reports/facts/chapters.py": DEFINITIONS,
    "reports/facts/figures.py": DEFINITIONS,
    "reports/pdf/printing.py": DEFINITIONS,
}


def test_no_stored_value_is_typed_as_text():
    stored = {value for one in closed_lists() for value in one.values if len(value) > 2}
    stored -= names_in_use()
    found = []
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            if "/migrations/" in name:
                continue
            for line, text in typed_texts(ast.parse(path.read_text(encoding="utf-8"))):
                if text in stored - HOMONYMS.get(name, set()):
                    found.append(f"{name}:{line} {text}")
    assert not found, "\n".join(found)


# Maps that leave values out on purpose, with why.
PARTIAL = {
    # A donor's type depends on its country (elements.organisation_type).
    ("actions.iati.codes", "ORGANISATIONS"): {Partner.Kind.DONOR},
    # org-id.guide has no list for these codes.
    ("actions.iati.codes", "AGENCIES"): {
        PartnerCode.Scheme.COMMUNE,
        PartnerCode.Scheme.COG,
        PartnerCode.Scheme.OTHER,
    },
    # Steps that work; in any other state there is nothing to do.
    ("cooperation.importing.runs", "AFTER_FAILURE"): set(Import.State) - set(Import.BUSY),
    ("cooperation.models.imports.ImportRow", "OUTCOMES"): set(Import.State)
    - {Import.State.WRITTEN, Import.State.UNDONE},
}


def maps():
    """(where, name, dictionary) of every one keyed by a closed list, in modules and classes."""
    import_module("cooperation.urls")  # which imports all the others
    for name in sorted(sys.modules):
        if name.split(".")[0] not in APPS:
            continue
        module = sys.modules[name]
        holders = [(name, vars(module))]
        holders += [
            (f"{name}.{one.__name__}", vars(one))
            for one in vars(module).values()
            if isinstance(one, type) and one.__module__ == name
        ]
        for where, held in holders:
            for key, value in list(held.items()):
                if isinstance(value, dict) and any(
                    isinstance(k, models.TextChoices) for k in value
                ):
                    yield where, key, value


def test_every_map_of_a_closed_list_is_whole():
    """A new kind of document once broke the IATI file with a KeyError."""
    seen = set()
    for where, name, mapped in maps():
        kinds = {type(key) for key in mapped if isinstance(key, models.TextChoices)}
        (kind,) = kinds
        seen.add((where, name))
        missing = set(kind) - mapped.keys() - PARTIAL.get((where, name), set())
        assert not missing, f"{where}.{name} lacks {missing}"
    assert PARTIAL.keys() <= seen
    assert ("actions.iati.codes", "DOCUMENTS") in seen
    assert ("cooperation.entry.admin", "STATE_NOTES") in seen


@pytest.mark.parametrize("kind", Document.Kind)
def test_a_document_of_any_kind_is_in_the_iati_file(client, kind):
    convention = make_convention(**published())
    convention.documents.add(make_document(kind=kind, **published()))
    address = f"/iati/activities/{convention.reference}.xml"
    assert client.get(address).content.decode().count("<document-link") == 2


@pytest.mark.parametrize("state", State)
def test_each_state_finds_conventions_and_is_a_figure(client, state):
    assert client.get("/conventions/", {"state": state}).status_code == 200
    assert state in [*(counted for _, counted in STATES), *NO_AGREEMENT]


def test_the_import_has_a_column_for_each_step_that_the_law_asks():
    kinds = {c.line["kind"] for c in ConventionImporter.columns if c.group == "legal_steps"}
    assert kinds == set(LegalStep.EXPECTED)
