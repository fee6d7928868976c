"""Reads rows as serializers describe them, in a constant number of queries.

A serializer says what a resource tells; this reads it without making an object of each record. Each
table is read once, through its gate: what a person does not see is null, or not in a list. What
visitors ask for is compiled once a day: compiling takes longer than reading.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache

from django.contrib.auth.models import AnonymousUser
from django.db.models import CharField, ExpressionWrapper, F
from django.utils import timezone
from rest_framework import serializers

from cooperation.records.recording import BATCH
from cooperation.rest.querying import KEYS, Query
from cooperation.rest.serializers import (
    Label,
    PartialDateText,
    derived_of,
    fields_of,
    gate,
    link_of,
)


def labelling(known, name) -> Callable:
    code = known[name].code
    labels = {value: str(label) for value, label in known[code].choices.items()}
    return lambda row: labels.get(row[code], "")


def reading_for(serializer, user, fields=(), expand=()) -> "Reading":
    """The Reading of what an address asks for: one for all visitors of a day."""
    if user.is_authenticated:
        return Reading(serializer, user, fields, expand)
    return of_visitors(serializer, frozenset(fields), frozenset(expand), timezone.localdate())


@lru_cache(maxsize=200)
def of_visitors(serializer, fields, expand, day) -> "Reading":
    return Reading(serializer, AnonymousUser(), fields, expand)


class Reading:
    """What is read of a serializer's records: the fields asked for, with the links of `expand`.

    `lookup` is what keys are of: the records themselves, or what they are lines of.
    """

    def __init__(self, serializer, user, fields=(), expand=(), lookup="pk", ordering=()):
        self.serializer, self.user, self.model = serializer, user, serializer.Meta.model
        known, derived = fields_of(serializer), derived_of(serializer)
        asked = [name for name in known if not fields or name in fields]
        needed = {*asked, *(other for n in asked for other in derived.get(n, ()))}
        self.hidden = needed.difference(asked)
        self.makers = [(name, self.maker(name, known)) for name in asked if name in derived]
        self.columns, self.parts = [], []
        # In the order of the serializer, with a place for what other tables tell.
        self.blank = dict.fromkeys(name for name in known if name in needed)
        for name in self.blank.keys() - derived.keys():
            part = self.part(name, known[name], name in expand)
            (self.columns if isinstance(part, Column) else self.parts).append(part)
        self.linking = [part for part in self.parts if isinstance(part, One)]
        self.others = [part for part in self.parts if not isinstance(part, One)]
        self.by_owner = lookup != "pk"
        self.query = self.compiled(lookup, ordering)

    def maker(self, name, known) -> Callable:
        """What makes a derived field of a row."""
        if isinstance(known[name], Label):
            return labelling(known, name)
        return getattr(self.serializer, f"derive_{name}")

    def part(self, name, field, is_expanded) -> "Column | Lines | Many | One":
        """What one field of the serializer is read as."""
        path, link = field.source.replace(".", "__"), link_of(field)
        if link:
            serializer = link.expands_to() if is_expanded else None
            return part_of(self, name, path, link.slug_field, serializer)
        if isinstance(field, serializers.BaseSerializer):
            return part_of(self, name, path, None, type(getattr(field, "child", field)))
        return Column(name, path, field)

    def compiled(self, lookup, ordering) -> Query:
        expressions = {f"_{n}": c.expression for n, c in enumerate(self.columns) if c.expression}
        paths = [f"_{n}" if c.expression else c.path for n, c in enumerate(self.columns)]
        heads = ["pk", lookup, *(part.column for part in self.linking)]
        records = self.serializer.records(self.user).annotate(**expressions)
        records = records.filter(**{f"{lookup}__among": KEYS}).order_by(*ordering)
        return Query(records.values_list(*heads, *paths))

    def rows(self, keys) -> dict:
        """{key: row} of the records so numbered or, of lines, {key of what they belong to: [rows]}."""
        found, first = self.query.rows(keys), 2 + len(self.linking)
        names = [column.name for column in self.columns]
        converters = [(n, c.convert) for n, c in enumerate(self.columns, first) if c.convert]
        rows = []
        for one in found:
            for number, convert in converters:
                if one[number] is not None:
                    one[number] = convert(one[number])
            row = self.blank.copy()
            row.update(zip(names, one[first:], strict=True))
            rows.append(row)
        for number, part in enumerate(self.linking, 2):
            part.fill(rows, [one[number] for one in found])
        own = [one[0] for one in found]
        for part in self.others:
            part.fill(rows, own)
        self.derive(rows)
        if not self.by_owner:
            return dict(zip(own, rows, strict=True))
        grouped = defaultdict(list)
        for one, row in zip(found, rows, strict=True):
            grouped[one[1]].append(row)
        return grouped

    def derive(self, rows) -> None:
        for name, make in self.makers:
            for row in rows:
                row[name] = make(row)
        for name in self.hidden:
            for row in rows:
                del row[name]

    def touched(self, entries: dict[str, set[int]]) -> set[int]:
        """Keys of the records of which something read here may have changed.

        `entries` are those of the journal, {name of a model: keys}.
        """
        keys = set(entries.get(self.model._meta.model_name, ()))
        return keys.union(*(part.touched(entries) for part in self.parts))


TEXT = CharField()


class Column:
    """A value of the record itself, or of one that it always has."""

    def __init__(self, name, path, field):
        self.name, self.path = name, path
        # A field may say for itself what is told of the value.
        self.convert = getattr(field, "convert", None)
        # A partial date is read as the text that it is stored as.
        is_date = isinstance(field, PartialDateText)
        self.expression = ExpressionWrapper(F(path), TEXT) if is_date else None
        if isinstance(field, serializers.DecimalField):
            self.convert = f"{{:.{field.decimal_places}f}}".format
        elif isinstance(field, serializers.DateTimeField):
            self.convert = local_time


def part_of(reading, name, path, slug, serializer) -> "Lines | Many | One":
    """How what a path leads to is read: its `slug`, or all the fields of the `serializer`."""
    model = reading.model
    for step in path.split("__"):
        relation = model._meta.get_field(step)
        model = relation.related_model
    kind = Lines if relation.one_to_many else Many if relation.many_to_many else One
    return kind(reading, name, path, relation, slug, serializer)


class Part:
    """What another table tells of a record."""

    def __init__(self, reading, name, path, relation, slug, serializer):
        self.name, self.path, self.relation, self.model = name, path, relation, reading.model
        self.user, self.related, self.slug = reading.user, relation.related_model, slug
        self.nested, self.query = self.prepared(serializer)

    def prepared(self, serializer) -> tuple:
        """(Reading, None) of all its fields, or (None, Query) of stable names."""
        if serializer:
            return Reading(serializer, self.user), None
        records = gate(self.related, self.user).filter(pk__among=KEYS).order_by()
        return None, Query(records.values_list("pk", self.slug))

    def read(self, keys) -> dict:
        """{key: its stable name, or all its fields} of the related records so numbered."""
        return self.nested.rows(keys) if self.nested else dict(self.query.rows(keys))

    def touched_there(self, entries) -> Collection[int]:
        if self.nested:
            return self.nested.touched(entries)
        return entries.get(self.related._meta.model_name, ())

    def touched(self, entries) -> set[int]:
        """Keys of the records that name what was touched."""
        found = set()
        for some in chunks(self.touched_there(entries)):
            naming = self.model._base_manager.filter(**{f"{self.path}__in": some}).order_by()
            found.update(naming.values_list("pk", flat=True))
        return found


class One(Part):
    """Another record that this one names."""

    @property
    def column(self) -> str:
        return f"{self.path}_id"

    def fill(self, rows, keys) -> None:
        named = {key for key in keys if key is not None}
        found = self.read(named) if named else {}
        for row, key in zip(rows, keys, strict=True):
            row[self.name] = found.get(key)


class Many(Part):
    """Other records that this one is linked to, in their own order."""

    def prepared(self, serializer) -> tuple:
        reverse = self.relation.auto_created
        ours = self.relation.field.name if reverse else self.relation.related_query_name()
        ours = f"{ours}__pk"
        linked = gate(self.related, self.user).filter(**{f"{ours}__among": KEYS})
        return Reading(serializer, self.user) if serializer else None, Query(
            linked.values_list(ours, "pk" if serializer else self.slug)
        )

    def fill(self, rows, keys) -> None:
        pairs = self.query.rows(keys)
        found = self.read({other for _, other in pairs}) if self.nested and pairs else None
        linked = defaultdict(list)
        for key, other in pairs:
            linked[key].append(found[other] if self.nested else other)
        for row, key in zip(rows, keys, strict=True):
            row[self.name] = linked.get(key, [])


class Lines(Part):
    """Records that name this one, in their own order."""

    def prepared(self, serializer) -> tuple:
        foreign = self.relation.field.name
        order = [name for name in self.related._meta.ordering if name != foreign]
        if serializer:
            return Reading(serializer, self.user, lookup=f"{foreign}__pk", ordering=order), None
        lines = gate(self.related, self.user).filter(**{f"{foreign}__pk__among": KEYS})
        return None, Query(lines.order_by(*order).values_list(f"{foreign}__pk", self.slug))

    def fill(self, rows, keys) -> None:
        if self.nested:
            lists = self.nested.rows(keys)
        else:
            lists = defaultdict(list)
            for key, slug in self.query.rows(keys):
                lists[key].append(slug)
        for row, key in zip(rows, keys, strict=True):
            row[self.name] = lists.get(key, [])

    def touched(self, entries) -> set[int]:
        """What they belong to; what a line is taken from is in the journal by itself."""
        found = set()
        for some in chunks(self.touched_there(entries)):
            lines = self.related._base_manager.filter(pk__in=some).order_by()
            found.update(lines.values_list(self.relation.field.attname, flat=True).distinct())
        return found - {None}


def local_time(moment) -> str:
    return timezone.localtime(moment).isoformat()


def chunks(keys) -> Iterator:
    keys = list(keys)
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]
