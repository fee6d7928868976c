"""Rows for programs, as their serializers describe them: a few queries, whatever their number.

A serializer says what a resource tells; this reads it without making an object of each record. Each
table is read once, through its gate: what a person does not see is null, or not in a list.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import cache

from django.conf import settings
from django.db.models import CharField, ExpressionWrapper, F
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cooperation.fields import PartialDateField
from cooperation.openapi import PARTIAL_DATE
from cooperation.records import BATCH


@extend_schema_field(PARTIAL_DATE)
class PartialDate(serializers.CharField):
    """A date at the precision known: "2019", "2019-11" or "2019-11-14"."""


class Link(serializers.SlugRelatedField):
    """The stable name of another record, or the record itself where `expand` asks for it.

    `expands_to()` is its serializer, asked late: two resources may name each other.
    """

    def __init__(self, slug_field, *, expands_to=None, **kwargs):
        self.expands_to = expands_to
        super().__init__(slug_field, read_only=True, **kwargs)


class LinkDescription(OpenApiSerializerFieldExtension):
    """A name or, where the request expands the link, what it names."""

    target_class = Link

    def map_serializer_field(self, auto_schema, direction):
        name = {"type": "integer" if self.target.slug_field == "number" else "string"}
        if not self.target.expands_to:
            return name
        whole = auto_schema.resolve_serializer(self.target.expands_to(), direction).ref
        return {"oneOf": [name, whole]}


def links(slug_field, *, expands_to=None, **kwargs):
    """Several of them, in the order of their own model."""
    child = Link(slug_field, expands_to=expands_to)
    return serializers.ManyRelatedField(child_relation=child, read_only=True, **kwargs)


def link_of(field):
    """The Link of a field of a serializer, or None."""
    field = getattr(field, "child_relation", field)
    return field if isinstance(field, Link) else None


class Label(serializers.CharField):
    """What a code of the same row means, in French; "" where there is none."""

    def __init__(self, code, **kwargs):
        self.code = code
        super().__init__(read_only=True, **kwargs)


@cache
def site_path(view):
    """Looked up once: it costs as much as a row."""
    return settings.SITE_URL + reverse(view, args=["KEY"])


def page_address(view, key):
    return site_path(view).replace("KEY", key)


def gate(model, user):
    """What a person sees of a model; what has no gate is a list that everybody knows."""
    everything = model._default_manager.all()
    return everything.visible_to(user) if hasattr(everything, "visible_to") else everything


class RecordSerializer(serializers.ModelSerializer):
    """What a resource tells.

    `derived` names fields that follow from others of the row, which may not be asked for:
    {"state": ("begin", "term")} is made by `derive_state(row)`.
    """

    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {
        PartialDateField: PartialDate
    }
    derived = {}

    @classmethod
    def records(cls, user):
        """The records that a person sees, with what the fields need."""
        return gate(cls.Meta.model, user)


@cache
def fields_of(serializer):
    """{name: field} of a serializer; making them takes longer than reading a record."""
    return dict(serializer().fields)


@cache
def derived_of(serializer):
    """{name: names of the fields that it follows from}"""
    labels = {
        name: (field.code,)
        for name, field in fields_of(serializer).items()
        if isinstance(field, Label)
    }
    return labels | serializer.derived


def labelling(known, name):
    code = known[name].code
    labels = {value: str(label) for value, label in known[code].choices.items()}
    return lambda row: labels.get(row[code], "")


class Reading:
    """What is read of a serializer's records: the fields asked for, with the links of `expand`."""

    def __init__(self, serializer, user, fields: Iterable[str] = (), expand: Iterable[str] = ()):
        self.serializer, self.user, self.model = serializer, user, serializer.Meta.model
        known = fields_of(serializer)
        asked = [name for name in known if not fields or name in fields]
        derived = derived_of(serializer)
        self.derived = [name for name in asked if name in derived]
        needed = {*asked, *(other for name in self.derived for other in derived[name])}
        self.hidden = needed.difference(asked)
        self.names = [name for name in known if name in needed]
        self.columns, self.parts = [], []
        for name in self.names:
            if name not in derived:
                part = self.part(name, known[name], name in expand)
                (self.columns if isinstance(part, Column) else self.parts).append(part)

    def part(self, name, field, is_expanded):
        """What one field of the serializer is read as."""
        path, link = field.source.replace(".", "__"), link_of(field)
        if link:
            told = Reading(link.expands_to(), self.user) if is_expanded else None
            return Part.of(self, name, path, link.slug_field, told)
        if isinstance(field, serializers.BaseSerializer):
            told = Reading(type(getattr(field, "child", field)), self.user)
            return Part.of(self, name, path, None, told)
        return Column(name, path, field)

    def rows(self, records, by: str | None = None):
        """{key: row} of a queryset; `by` a foreign key, {its value: [rows, in their order]}."""
        linking = [part for part in self.parts if isinstance(part, One)]
        heads = ["pk", by or "pk", *(part.column for part in linking)]
        expressions = {f"_{n}": c.expression for n, c in enumerate(self.columns) if c.expression}
        paths = [
            f"_{n}" if column.expression else column.path for n, column in enumerate(self.columns)
        ]
        found = list(records.annotate(**expressions).values_list(*heads, *paths))
        # In the order of the serializer, with a place for what other tables tell.
        blank = dict.fromkeys(self.names)
        names, converters = [c.name for c in self.columns], [c.convert for c in self.columns]
        rows = []
        for one in found:
            row = blank.copy()
            for name, convert, value in zip(names, converters, one[len(heads) :], strict=True):
                row[name] = convert(value) if convert and value is not None else value
            rows.append(row)
        for number, part in enumerate(linking, 2):
            part.fill(rows, [one[number] for one in found])
        keys = [one[0] for one in found]
        for part in self.parts:
            if part not in linking:
                part.fill(rows, keys)
        self.derive(rows)
        if not by:
            return dict(zip(keys, rows, strict=True))
        grouped = defaultdict(list)
        for one, row in zip(found, rows, strict=True):
            grouped[one[1]].append(row)
        return grouped

    def derive(self, rows):
        known = fields_of(self.serializer)
        for name in self.derived:
            derive = (
                labelling(known, name)
                if isinstance(known[name], Label)
                else getattr(self.serializer, f"derive_{name}")
            )
            for row in rows:
                row[name] = derive(row)
        for name in self.hidden:
            for row in rows:
                del row[name]

    def touched(self, entries: dict[str, set[int]]) -> set[int]:
        """Keys of the records of which something told here may have changed.

        `entries` are those of the journal, {name of a model: keys}.
        """
        keys = set(entries.get(self.model._meta.model_name, ()))
        return keys.union(*(part.touched(entries) for part in self.parts))


class Column:
    """A value of the record itself, or of one that it always has."""

    def __init__(self, name, path, field):
        self.name, self.path, self.convert = name, path, None
        # A partial date is read as the text that it is stored as.
        is_date = isinstance(field, PartialDate)
        self.expression = ExpressionWrapper(F(path), CharField()) if is_date else None
        if isinstance(field, serializers.DecimalField):
            self.convert = f"{{:.{field.decimal_places}f}}".format
        elif isinstance(field, serializers.DateTimeField):
            self.convert = local_time


class Part:
    """What another table tells of a record: all that `told` reads, or its `slug`."""

    def __init__(self, reading, name, path, relation, slug, told):
        self.reading, self.name, self.path, self.relation = reading, name, path, relation
        self.related, self.slug, self.told = relation.related_model, slug, told

    @staticmethod
    def of(reading, name, path, slug, told):
        model = reading.model
        for step in path.split("__"):
            relation = model._meta.get_field(step)
            model = relation.related_model
        kind = Lines if relation.one_to_many else Many if relation.many_to_many else One
        return kind(reading, name, path, relation, slug, told)

    def visible(self):
        user = self.reading.user
        return self.told.serializer.records(user) if self.told else gate(self.related, user)

    def read(self, keys):
        """{key: what is told of it} of the related records so numbered, in their order."""
        records = self.visible().filter(pk__in=keys)
        return self.told.rows(records) if self.told else dict(records.values_list("pk", self.slug))

    def touched_there(self, entries):
        if self.told:
            return self.told.touched(entries)
        return entries.get(self.related._meta.model_name, ())

    def touched(self, entries):
        """Keys of the records that name what was touched."""
        found, everything = set(), self.reading.model._base_manager
        for some in chunks(self.touched_there(entries)):
            naming = everything.filter(**{f"{self.path}__in": some}).order_by()
            found.update(naming.values_list("pk", flat=True))
        return found


class One(Part):
    """Another record that this one names, or that its own whole names."""

    @property
    def column(self):
        return f"{self.path}_id"

    def fill(self, rows, keys):
        named = {key for key in keys if key is not None}
        found = self.read(named) if named else {}
        for row, key in zip(rows, keys, strict=True):
            row[self.name] = found.get(key)


class Many(Part):
    """Other records that this one is linked to, through a table between them."""

    def fill(self, rows, keys):
        links, ours = self.relation.remote_field.through, f"{self.relation.m2m_field_name()}_id"
        pairs = links._default_manager.filter(**{f"{ours}__in": keys}).order_by()
        linked = defaultdict(set)
        for key, other in pairs.values_list(ours, f"{self.relation.m2m_reverse_field_name()}_id"):
            linked[key].add(other)
        found = self.read(set().union(*linked.values())) if linked else {}
        rank = {other: number for number, other in enumerate(found)}
        for row, key in zip(rows, keys, strict=True):
            others = sorted(linked.get(key, set()) & rank.keys(), key=rank.get)
            row[self.name] = [found[other] for other in others]


class Lines(Part):
    """Records that name this one."""

    @property
    def foreign(self):
        return self.relation.field

    def visible(self):
        """Without a gate of their own where theirs is that of the record they are lines of."""
        lines, whole = (
            self.related._default_manager.all(),
            self.reading.model._default_manager.all(),
        )
        same = all(
            getattr(lines, lookup, "") == f"{self.foreign.name}__{getattr(whole, lookup, '')}"
            for lookup in ("status_lookup", "partner_lookup")
        )
        return lines if same else super().visible()

    def fill(self, rows, keys):
        ordering = [name for name in self.related._meta.ordering if name != self.foreign.name]
        lines = self.visible().filter(**{f"{self.foreign.name}__in": keys}).order_by(*ordering)
        if self.told:
            lists = self.told.rows(lines, by=self.foreign.attname)
        else:
            lists = defaultdict(list)
            for key, slug in lines.values_list(self.foreign.attname, self.slug):
                lists[key].append(slug)
        for row, key in zip(rows, keys, strict=True):
            row[self.name] = lists.get(key, [])

    def touched(self, entries):
        """What they belong to; what a line is taken from is in the journal by itself."""
        found = set()
        for some in chunks(self.touched_there(entries)):
            lines = self.related._base_manager.filter(pk__in=some).order_by()
            found.update(lines.values_list(self.foreign.attname, flat=True).distinct())
        return found - {None}


def local_time(moment):
    return timezone.localtime(moment).isoformat()


def chunks(keys):
    keys = list(keys)
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]
