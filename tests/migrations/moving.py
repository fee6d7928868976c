"""Moving a registry back to what it was, and forward again."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def migrate(target, **options):
    """The models of then."""
    executor = MigrationExecutor(connection)
    executor.migrate(target, **options)
    return executor.loader.project_state(target).apps


def migrate_to_latest():
    """Of every app: those that build on what went back went back with it."""
    migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())
