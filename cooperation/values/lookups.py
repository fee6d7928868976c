"""Lookups of our own, for any field."""

import orjson
from django.db.models import Field, Lookup


@Field.register_lookup
class Among(Lookup):
    """pk__among=KEYS: `pk__in` with all the keys as one parameter.

    However many they are, the text of the query stays the same, and no limit on parameters is met.
    """

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler, connection) -> tuple:
        column, parameters = self.process_lhs(compiler, connection)
        is_postgres = connection.vendor == "postgresql"
        test = "= ANY(%s)" if is_postgres else "IN (SELECT value FROM json_each(%s))"
        keys = self.rhs if isinstance(self.rhs, str) else as_parameter(self.rhs, connection)
        return f"{column} {test}", [*parameters, keys]


def as_parameter(keys, connection) -> str:
    """Keys as the one parameter of a query with an Among."""
    return list(keys) if connection.vendor == "postgresql" else orjson.dumps(list(keys)).decode()
