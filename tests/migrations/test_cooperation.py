"""Registries that were made before the migrations of cooperation come up to date."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from cooperation.models import Import


@pytest.mark.django_db(transaction=True)
def test_an_import_of_before_has_one_sheet_with_its_headings():
    executor = MigrationExecutor(connection)
    latest = [node for node in executor.loader.graph.leaf_nodes() if node[0] == "cooperation"]
    before = [("cooperation", "0014_other_lists")]
    executor.migrate(before)
    old = executor.loader.project_state(before).apps.get_model("cooperation", "Import")
    old.objects.create(reference="abc", kind="conventions", headings=["Intitulé", "Couleur"])
    executor = MigrationExecutor(connection)
    executor.migrate(latest)
    job = Import.objects.get(reference="abc")
    assert job.sheets == [
        {"kind": "conventions", "name": "", "headings": ["Intitulé", "Couleur"], "filled": [0, 1]}
    ]
    assert job.mapping == {}
