"""The registry's content sets in tests: loaded once, then put there as they were."""

from functools import cache

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction

from cooperation.models import JournalEntry, Odd


def load_content(*names):
    """What `loaddata` does; where the registry is empty, in a twentieth of the time."""
    if holds_something():
        call_command("loaddata", *names, verbosity=0)
        return
    after = loaded(names)
    with transaction.atomic(), connection.cursor() as cursor:
        for table, rows in after.items():
            cursor.execute(f"DELETE FROM {quoted(table)}")  # noqa: S608  our own tables
            marks = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f"INSERT INTO {quoted(table)} VALUES ({marks})", rows)  # noqa: S608
        for statement in connection.ops.sequence_reset_sql(no_style(), models_of(after)):
            cursor.execute(statement)


def holds_something() -> bool:
    """Whether there is more than accounts: every record has its journal, and the list of ODD has none."""
    return JournalEntry.objects.exists() or Odd.objects.exists()


@cache
def loaded(names) -> dict:
    """{table: its rows} of all that content sets bring to an empty registry."""
    # The statistics of SQLite are no content.
    every = connection.introspection.table_names()
    tables = [table for table in every if not table.startswith("sqlite_")]
    before = rows_of(tables)
    with transaction.atomic():
        call_command("loaddata", *names, verbosity=0)
        after = rows_of(tables)
        transaction.set_rollback(True)
    return {table: after[table] for table in tables if after[table] != before[table]}


def rows_of(tables) -> dict:
    with connection.cursor() as cursor:
        found = {}
        for table in tables:
            cursor.execute(f"SELECT * FROM {quoted(table)}")  # noqa: S608  our own tables
            found[table] = cursor.fetchall()
        return found


def models_of(tables) -> list:
    models = apps.get_models(include_auto_created=True)
    return [model for model in models if model._meta.db_table in tables]


def quoted(table) -> str:
    return connection.ops.quote_name(table)
