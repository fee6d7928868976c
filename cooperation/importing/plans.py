"""What a row would do, as plain values: before it is written, and what undoing needs of it after."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from django.db import models

from cooperation.importing.matching import Doubt
from cooperation.models import ImportRow


@dataclass
class Plan:
    """What a row would do: nothing is written yet."""

    verdict: str = ImportRow.Verdict.REFUSED
    title: str = ""
    target: str = ""
    changes: list = field(default_factory=list)
    errors: list = field(default_factory=list)
    values: dict = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)


def key_of(meaning) -> tuple:
    """What tells apart the lines, or the record, that columns speak of."""
    if not meaning:
        return ()
    column, number = meaning
    return (column.group, number, *column.line.items())


def is_first(meaning) -> bool:
    return bool(meaning) and meaning[0].comes_first


def trace(record) -> list:
    """What undoing needs to find a row again, and to see that nobody changed it since."""
    return [record._meta.label_lower, record.pk, record.version]


def new_partners_in(values) -> Iterator:
    """{field: value} of each partner to be made, wherever a planned row has one."""
    lines = [line for lines in values["lines"].values() for line in lines]
    places = [values["fields"].values(), *(line.values() for line in lines)]
    for value in chain(*places, *values["links"].values()):
        if isinstance(value, dict) and "name" in value:
            yield value


def filled(record, facts, made) -> models.Model:
    for name, value in facts.items():
        target = record._meta.get_field(name)
        value = made.key(value) if target.remote_field else target.to_python(value)
        setattr(record, target.attname, value)
    return record


def named(error, columns) -> list:
    """[[heading, message], …] of a ValidationError."""
    if not hasattr(error, "error_dict"):
        return [["", message] for message in error.messages]
    headings = {column.name: column.heading for column in columns if not column.group}
    return [
        [headings.get(name, ""), message]
        for name, messages in error.message_dict.items()
        for message in messages
    ]
