"""What a resource of the API tells of each record: fields, links by stable names, labels of codes."""

from functools import cache

from django.conf import settings
from django.db.models import QuerySet
from django.urls import resolve, reverse
from django.utils.text import capfirst
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cooperation.rest.schema import PARTIAL_DATE
from cooperation.values.fields import CurrencyField, PartialDateField


@extend_schema_field(PARTIAL_DATE)
class PartialDateText(serializers.CharField):
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

    def map_serializer_field(self, auto_schema, direction) -> dict:
        name = {"type": "integer" if self.target.slug_field == "number" else "string"}
        if not self.target.expands_to:
            return name
        whole = auto_schema.resolve_serializer(self.target.expands_to(), direction).ref
        return {"oneOf": [name, whole]}


def links(slug_field, *, expands_to=None, **kwargs) -> serializers.ManyRelatedField:
    """Several of them, in the order of their own model."""
    child = Link(slug_field, expands_to=expands_to)
    return serializers.ManyRelatedField(child_relation=child, read_only=True, **kwargs)


def link_of(field) -> Link | None:
    """The Link of a field of a serializer, or None."""
    field = getattr(field, "child_relation", field)
    return field if isinstance(field, Link) else None


class Label(serializers.CharField):
    """What a code of the same row means, in French; "" where there is none."""

    def __init__(self, code, **kwargs):
        self.code = code
        super().__init__(read_only=True, **kwargs)


@cache
def serializer_at(route) -> type[serializers.Serializer]:
    """That of a list of the API, by the name of its route: a link may lead to what a later app tells."""
    return resolve(reverse(route)).func.cls.serializer_class


@cache
def site_path(view) -> str:
    """Looked up once: it costs as much as a row."""
    return settings.SITE_URL + reverse(view, args=["KEY"])


def page_address(view, key) -> str:
    return site_path(view).replace("KEY", key)


def gate(model, user) -> QuerySet:
    """What a person sees of a model; what has no gate is a list that everybody knows."""
    everything = model._default_manager.all()
    return everything.visible_to(user) if hasattr(everything, "visible_to") else everything


class RecordSerializer(serializers.ModelSerializer):
    """What a resource tells.

    `derived` names fields that follow from others of the row, which may not be asked for:
    {"state": ("begin", "term")} is made by `derive_state(row)`.
    """

    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {
        PartialDateField: PartialDateText
    }
    derived = {}

    def get_extra_kwargs(self) -> dict:
        own = {
            "version": {"help_text": "Augmente à chaque changement ; se donne dans « If-Match »."},
            "updated_at": {
                "help_text": "Dernier changement : jour, heure et écart à UTC (ISO 8601)."
            },
        }
        return own | super().get_extra_kwargs()

    def build_field(self, field_name, info, model_class, nested_depth) -> tuple:
        """« kind_label » is what the code in « kind » means, where nothing else is declared."""
        code = field_name.removesuffix("_label")
        if code == field_name or code not in info.fields:
            return super().build_field(field_name, info, model_class, nested_depth)
        name = capfirst(model_class._meta.get_field(code).verbose_name)
        return Label, {"code": code, "help_text": f"{name}, en français."}

    @classmethod
    def records(cls, user) -> QuerySet:
        """The records that a person sees, with what the fields need."""
        return gate(cls.Meta.model, user)


def own_fields(model, *, without=()) -> list[str]:
    """Names of all that people enter of a record, each code with its label; the source stays apart.

    For `Meta.fields` of its serializer: a field that is new to the model is in the API at once.
    """
    found = []
    for name in model.entered_fields():
        if name == "source" or name in without:
            continue
        field = model._meta.get_field(name)
        is_code = field.choices and not isinstance(field, CurrencyField)
        found += [name, f"{name}_label"] if is_code else [name]
    return found


@cache
def fields_of(serializer) -> dict:
    """{name: field} of a serializer; making them takes longer than reading a record."""
    return dict(serializer().fields)


@cache
def derived_of(serializer) -> dict:
    """{name: names of the fields that it follows from}"""
    labels = {
        name: (field.code,)
        for name, field in fields_of(serializer).items()
        if isinstance(field, Label)
    }
    return labels | serializer.derived
