"""The registry's content sets in tests: loaded once, then put there as they were."""

from functools import cache

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction

from cooperation.models import JournalEntry, Revision


def load_content(*names):
    """What `loaddata` does; where nothing is there yet that it changes, in a twentieth of the time."""
    if JournalEntry.objects.exists():
        call_command("loaddata", *names, verbosity=0)
        return
    before, after = loaded(names)
    # A counter: an account that signed in may have made it before.
    contents = after.keys() - {Revision._meta.db_table}
    found = rows_of(contents)
    assert not {t: (found[t][:2], before[t][:2]) for t in contents if found[t] != before[t]}
    with transaction.atomic(), connection.cursor() as cursor:
        for table, rows in after.items():
            cursor.execute(f"DELETE FROM {quoted(table)}")  # noqa: S608  our own tables
            marks = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f"INSERT INTO {quoted(table)} VALUES ({marks})", rows)  # noqa: S608
        for statement in connection.ops.sequence_reset_sql(no_style(), models_of(after)):
            cursor.execute(statement)


@cache
def loaded(names) -> tuple[dict, dict]:
    """{table: its rows} before content sets are loaded, of all tables, and after, of those that differ."""
    # The statistics of SQLite are no content.
    every = connection.introspection.table_names()
    tables = [table for table in every if not table.startswith("sqlite_")]
    before = rows_of(tables)
    with transaction.atomic():
        call_command("loaddata", *names, verbosity=0)
        after = rows_of(tables)
        transaction.set_rollback(True)
    return before, {table: after[table] for table in tables if after[table] != before[table]}


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
