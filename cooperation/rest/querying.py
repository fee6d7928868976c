"""Queries for a set of keys, compiled once and run for any."""

from django.core.exceptions import EmptyResultSet
from django.db import connection

from cooperation.values.lookups import as_parameter

# Stands for the keys until a query is run.
KEYS = "\x00keys"


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
        parameters[self.place] = as_parameter(keys, connection)
        with connection.cursor() as cursor:
            cursor.execute(self.sql, parameters)
            rows = list(map(list, cursor.fetchall()))
        for number, convert, expression in self.converters:
            for row in rows:
                for one in convert:
                    row[number] = one(row[number], expression, connection)
        return rows
