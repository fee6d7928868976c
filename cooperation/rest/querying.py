"""Queries for a set of keys, compiled once and run for any."""

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Field, Lookup

# Stands for the keys until a query is run.
KEYS = "\x00keys"


@Field.register_lookup
class Among(Lookup):
    """pk__among=KEYS: `pk__in` with all the keys as one parameter, so that the text never changes."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler, connection):
        column, parameters = self.process_lhs(compiler, connection)
        if connection.vendor == "postgresql":
            return f"{column} = ANY(%s)", [*parameters, self.rhs]
        text = f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608  a column of ours
        return text, [*parameters, self.rhs]


class Query:
    """A queryset of values with one `among=KEYS`: its text, and how each column is read."""

    def __init__(self, queryset):
        compiler = queryset.query.get_compiler(connection=connection)
        try:
            self.sql, parameters = compiler.as_sql()
        except EmptyResultSet:
            self.sql = None
            return
        self.parameters = list(parameters)
        self.place = self.parameters.index(KEYS)
        converters = compiler.get_converters(expression for expression, *_ in compiler.select)
        self.converters = [(n, c, expression) for n, (c, expression) in converters.items()]

    def rows(self, keys) -> list[list]:
        """Lists of values, in the order of the queryset."""
        if self.sql is None or not keys:
            return []
        parameters = self.parameters.copy()
        parameters[self.place] = (
            list(keys) if connection.vendor == "postgresql" else orjson.dumps(list(keys)).decode()
        )
        with connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            rows = list(map(list, cursor.fetchall()))
        for number, convert, expression in self.converters:
            for row in rows:
                for one in convert:
                    row[number] = one(row[number], expression, connection)
        return rows
