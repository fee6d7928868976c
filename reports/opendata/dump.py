"""Everything public as files: a CSV bundle with its Frictionless description, SQLite, JSON Lines.

One reading of the API's own resources feeds all three, a few hundred records at a time. A dump is put
in place whole, under addresses that stay; the one before is kept a while for those who are reading it.
"""

import csv
import json
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

import orjson
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone
from rest_framework import serializers

from cooperation.lists.tables import csv_cell
from cooperation.models import PartnerCode
from cooperation.rest.changes import SyncToken
from cooperation.rest.reading import reading_for
from cooperation.rest.serializers import PartialDateText, fields_of, gate, link_of
from reports.opendata.resources import RESOURCES

FOLDER = settings.DATA_DIR / "donnees"
CSV_BUNDLE, SQLITE, JSON_LINES, SUMS = (
    "registre-csv.zip",
    "registre.sqlite",
    "registre-jsonl.zip",
    "SHA256SUMS",
)
FILES = {
    CSV_BUNDLE: ("CSV et description Frictionless (datapackage.json)", "application/zip"),
    SQLITE: ("SQLite", "application/vnd.sqlite3"),
    JSON_LINES: ("JSON Lines, tel que l’API le donne", "application/zip"),
    SUMS: ("Empreintes SHA-256 des trois fichiers", "text/plain"),
}
MANIFEST = "manifest.json"
CHUNK = 500
# How often a dump is begun again when the registry moves while it is made.
MOST_TURNS = 3
# Dumps that stay, the last included.
KEPT = 2
SEPARATOR = ";"
KINDS = {
    serializers.DecimalField: ("number", "NUMERIC"),
    serializers.IntegerField: ("integer", "INTEGER"),
    serializers.DateTimeField: ("datetime", "TEXT"),
    serializers.BooleanField: ("boolean", "INTEGER"),
}


class RegistryMovedError(Exception):
    """The registry changed each time that a dump was being made."""


@dataclass(frozen=True)
class Column:
    """One column of a table; `target` is the (resource, key) that it points to, if it does."""

    name: str
    kind: str
    stored: str
    meaning: str
    target: tuple[str, str] | None = None
    is_list: bool = False

    def value(self, row) -> object:
        """As a table holds it: one value, or the names of a list."""
        value = row[self.name]
        if isinstance(value, dict):
            return value["slug"]
        if not self.is_list:
            return value
        return SEPARATOR.join(
            f"{one['scheme']}:{one['code']}" if isinstance(one, dict) else str(one) for one in value
        )


def resource_of(model) -> tuple | None:
    """(name, key) of the resource of a model, or None."""
    for name, view in RESOURCES.items():
        if view.model() is model:
            return name, view.lookup_field
    return None


def columns_of(view) -> list[Column]:
    """A table's columns; what has a table of its own is in that one, and lists of facts in JSON alone."""
    found = []
    for name, field in fields_of(view.serializer_class).items():
        link, child = link_of(field), getattr(field, "child", None)
        is_list = isinstance(field, serializers.ManyRelatedField | serializers.ListSerializer)
        if isinstance(field, serializers.ListField) or (
            child and child.Meta.model is not PartnerCode
        ):
            continue
        meaning = str(field.help_text or field.label or name)
        target = None
        if link:
            path = field.source.replace(".", "__")
            target = resource_of(related_model(view.model(), path))
        elif isinstance(field, serializers.ModelSerializer):
            target = resource_of(field.Meta.model)
        kind, stored = next(
            (k for t, k in KINDS.items() if isinstance(field, t)), ("string", "TEXT")
        )
        found.append(Column(name, kind, stored, meaning, target, is_list))
    return found


def related_model(model, path) -> type[models.Model]:
    for step in path.split("__"):
        model = model._meta.get_field(step).related_model
    return model


def rows_of(view) -> Iterator[dict]:
    """All that a visitor reads of a resource, as the API gives it, in the order of entry."""
    visitor = AnonymousUser()
    reading, last = reading_for(view.serializer_class, visitor), 0
    public = gate(view.model(), visitor).order_by("pk").values_list("pk", flat=True)
    while keys := list(public.filter(pk__gt=last)[:CHUNK]):
        last = keys[-1]
        rows = reading.rows(keys)
        yield from (rows[key] for key in keys if key in rows)


def publish_data() -> dict:
    """Make a dump of one state of the registry and put it in place; its manifest.

    RegistryMovedError where the registry changed each time, and then the dump before stays.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    for _ in range(MOST_TURNS):
        mark, made_at = SyncToken.now(), timezone.localtime()
        made = Path(tempfile.mkdtemp(dir=FOLDER, prefix=".en-cours-"))
        try:
            counts = write_tables(made, mark)
            if SyncToken.now() != mark:
                continue
            manifest = describe(made, counts, made_at, mark)
            made.rename(FOLDER / f"{made_at:%Y%m%d%H%M%S%f}")
        finally:
            shutil.rmtree(made, ignore_errors=True)
        forget_old()
        return manifest
    raise RegistryMovedError


def forget_old() -> None:
    for old in dumps()[:-KEPT]:
        shutil.rmtree(old)


def dumps() -> list:
    """Folders of the dumps in place, the last one at the end."""
    return sorted(FOLDER.glob("[0-9]*"))


def current() -> tuple[Path, dict] | None:
    """(folder, manifest) of the last dump, or None where none was made yet."""
    for folder in reversed(dumps()):
        return folder, json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return None


def write_tables(folder: Path, mark: SyncToken) -> dict[str, int]:
    """The three files, from one reading; {resource: how many rows}."""
    counts = {}
    with (
        zipfile.ZipFile(folder / CSV_BUNDLE, "w", zipfile.ZIP_DEFLATED) as tables,
        zipfile.ZipFile(folder / JSON_LINES, "w", zipfile.ZIP_DEFLATED) as lines,
        sqlite3.connect(folder / SQLITE) as database,
    ):
        for name, view in RESOURCES.items():
            counts[name] = write_table(tables, lines, database, name, view)
        package = json.dumps(datapackage(counts, mark), ensure_ascii=False, indent=2)
        tables.writestr("datapackage.json", package)
        database.execute("CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT)")
        facts = about() | {"mark": str(mark)}
        database.executemany("INSERT INTO about VALUES (?, ?)", facts.items())
        database.commit()
    database.close()
    return counts


def write_table(tables, lines, database, name, view) -> int:
    columns, table, count = columns_of(view), name.replace("-", "_"), 0
    database.execute(f'CREATE TABLE "{table}" ({", ".join(definitions(view, columns))})')
    insert = f'INSERT INTO "{table}" VALUES ({", ".join("?" * len(columns))})'  # noqa: S608  our own names
    # A zip takes one file at a time: the lines wait in a temporary one.
    with (
        tempfile.TemporaryFile() as kept,
        tables.open(f"{table}.csv", "w", force_zip64=True) as binary,
    ):
        writer = csv.writer(Text(binary))
        writer.writerow([column.name for column in columns])
        for row in rows_of(view):
            values = [column.value(row) for column in columns]
            writer.writerow(
                csv_cell(value) if column.kind == "string" else value
                for column, value in zip(columns, values, strict=True)
            )
            database.execute(insert, values)
            kept.write(orjson.dumps(row) + b"\n")
            count += 1
        kept.seek(0)
        with lines.open(f"{table}.jsonl", "w", force_zip64=True) as file:
            shutil.copyfileobj(kept, file)
    return count


class Text:
    """A binary file that takes text."""

    def __init__(self, file):
        self.file = file

    def write(self, text) -> int:
        return self.file.write(text.encode())


def definitions(view, columns) -> Iterator:
    for column in columns:
        key = " PRIMARY KEY" if column.name == view.lookup_field else ""
        refers = ""
        if column.target and not column.is_list:
            name, field = column.target
            refers = f' REFERENCES "{name.replace("-", "_")}" ("{field}")'
        yield f'"{column.name}" {column.stored}{key}{refers}'


def about() -> dict:
    name, address = settings.DATA_LICENCE
    return {
        "title": "Registre de la coopération décentralisée du Bénin",
        "homepage": settings.SITE_URL,
        "licence": name,
        "licence_url": address,
        "made_at": timezone.localtime().isoformat(timespec="seconds"),
    }


def datapackage(counts, mark) -> dict:
    """What the CSV files hold, as Frictionless tools read it (Data Package 1)."""
    said = about()
    return {
        "profile": "tabular-data-package",
        "name": "registre-cooperation-decentralisee-benin",
        "title": said["title"],
        "description": "Tout ce que le registre a publié. Une liste dans une cellule est séparée par "
        f"« {SEPARATOR} ». Un texte qu’un tableur prendrait pour une formule commence par une apostrophe.",
        "homepage": said["homepage"],
        "created": said["made_at"],
        # What the API's `modified_since` takes, to follow from here.
        "mark": str(mark),
        "licenses": [{"title": said["licence"], "path": said["licence_url"]}],
        "resources": [table_schema(name, view, counts[name]) for name, view in RESOURCES.items()],
    }


def table_schema(name, view, count) -> dict:
    columns = columns_of(view)
    fields = fields_of(view.serializer_class)
    keys = [
        {
            "fields": column.name,
            "reference": {
                # "" is the table itself.
                "resource": "" if column.target[0] == name else column.target[0].replace("-", "_"),
                "fields": column.target[1],
            },
        }
        for column in columns
        if column.target and not column.is_list
    ]
    return {
        "profile": "tabular-data-resource",
        "name": name.replace("-", "_"),
        "path": f"{name.replace('-', '_')}.csv",
        "title": view.about,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "rows": count,
        "schema": {
            "fields": [field_of(column, fields[column.name]) for column in columns],
            "primaryKey": view.lookup_field,
            "missingValues": [""],
        }
        | ({"foreignKeys": keys} if keys else {}),
    }


def field_of(column, field) -> dict:
    field_schema = {"name": column.name, "type": column.kind, "description": column.meaning}
    if column.kind == "datetime":
        # With its distance from UTC, which the default format does not take.
        field_schema["format"] = "any"
    if isinstance(field, PartialDateText):
        field_schema["constraints"] = {"pattern": r"\d{4}(-\d{2}(-\d{2})?)?"}
    return field_schema


def describe(folder, counts, made_at, mark) -> dict:
    """Write the sums and the manifest."""
    files = {}
    for name in (CSV_BUNDLE, SQLITE, JSON_LINES):
        with (folder / name).open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        files[name] = {"sha256": digest, "size": (folder / name).stat().st_size}
    sums = "".join(f"{facts['sha256']}  {name}\n" for name, facts in files.items())
    (folder / SUMS).write_text(sums, encoding="utf-8")
    manifest = {
        "made_at": made_at.isoformat(timespec="seconds"),
        "mark": str(mark),
        "counts": counts,
        "files": files,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return manifest
