"""What happened to a record and its lines: field by field, who, when, old → new, why."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models
from django.db.models import QuerySet
from django.utils.text import capfirst
from simple_history.utils import get_m2m_reverse_field_name

from cooperation.values.display import shown

DERIVED = {
    "version",
    "updated_at",
    "news_at",
    "search_text",
    "sort_key",
    "published_at",
    "published_by",
    "is_held_back",
    "counted_amount",
}
GONE, HIDDEN = "(supprimé)", "(non visible)"
VERBS = {"+": "ajout", "~": "modification", "-": "suppression"}


@dataclass(frozen=True)
class Change:
    """One field of one event; `name` is the field’s, for restoring it."""

    name: str
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Event:
    """One row of history, compared with the row before it."""

    model: type
    row: models.Model
    before: models.Model | None
    changes: list[Change] = field(default_factory=list)

    @property
    def at(self) -> datetime:
        return self.row.history_date

    @property
    def by(self) -> models.Model | None:
        return self.row.history_user

    @property
    def reason(self) -> str:
        return self.row.history_change_reason or ""

    @property
    def verb(self) -> str:
        return VERBS[self.row.history_type]

    @property
    def subject(self) -> str:
        return capfirst(self.model._meta.verbose_name)

    @property
    def title(self) -> str:
        """What the line was called then; its number where what it names is gone."""
        try:
            return str(self.row.history_object)
        except ObjectDoesNotExist:
            return f"n° {self.row.id}"

    @property
    def label(self) -> str:
        return self.model._meta.label_lower

    @property
    def is_deletion(self) -> bool:
        return self.row.history_type == "-"


def changes_since(record, version, user) -> tuple:
    """The changes from a recorded version to the present one, and their last author.

    Returns ([], None) where the history does not hold that version.
    """
    if not hasattr(record, "history"):
        return [], None
    before = record.history.filter(version=version).first()
    now = record.history.select_related("history_user").first()
    if before is None or now is None:
        return [], None
    changes = events_of([(type(record), now, before)], user)[0].changes
    return changes, now.history_user


def events(record, user) -> list:
    """Every event of a record and of its lines, deleted ones too, the latest first.

    What it points to is named if the person may see it.
    """
    rows = []
    for model, filters in family(type(record), {"id": record.pk}):
        previous = {}
        found = model.history.filter(**filters).select_related("history_user")
        for row in found.order_by("history_date", "history_id"):
            rows.append((model, row, previous.get(row.id)))
            previous[row.id] = row
    rows.sort(key=lambda entry: (entry[1].history_date, entry[1].history_id), reverse=True)
    return [
        event for event in events_of(rows, user) if event.changes or event.row.history_type != "~"
    ]


def family(model, filters) -> Iterator:
    """The model and those whose rows are its lines (`part_of`), with how to find their history."""
    yield model, filters
    for relation in model._meta.related_objects:
        part = relation.related_model
        if getattr(part, "part_of", None) == relation.field.name and hasattr(part, "history"):
            keys = model.history.filter(**filters).values("id")
            yield from family(part, {f"{relation.field.attname}__in": keys})


def events_of(rows, user) -> list[Event]:
    """Events of (model, row, row before) triples, with names for keys, in few queries."""
    links = many_links(rows)
    names = linked_names(rows, links, user)
    return [Event(*entry, changes=changes_between(*entry, links, names)) for entry in rows]


def changes_between(model, row, before, links, names) -> list:
    if before is None or row.history_type == "-":
        return []
    changes = []
    for tracked in row.tracked_fields:
        old, new = getattr(before, tracked.attname), getattr(row, tracked.attname)
        if old != new and tracked.name not in DERIVED:
            changes.append(
                Change(
                    tracked.name,
                    str(tracked.verbose_name),
                    *(
                        shown(tracked, v, names[tracked.related_model]) or "vide"
                        for v in (old, new)
                    ),
                )
            )
    for many in model._meta.many_to_many:
        old, new = (links[model, many.name, one.history_id] for one in (before, row))
        if old != new:
            texts = (", ".join(names[many.related_model][k] for k in keys) for keys in (old, new))
            changes.append(
                Change(many.name, str(many.verbose_name), *(text or "vide" for text in texts))
            )
    return changes


def many_links(rows) -> dict:
    """{(model, field, history row): keys}: the many-to-many links that each row recorded."""
    links = defaultdict(list)
    wanted = defaultdict(set)
    for model, *both in rows:
        wanted[model].update(row.history_id for row in both if row is not None)
    for model, keys in wanted.items():
        for many in model._meta.many_to_many:
            recorded = getattr(model.history.model, many.name, None)
            if recorded is None or many.name not in getattr(model, "_history_m2m_fields", ()):
                continue
            target = get_m2m_reverse_field_name(many)
            table = recorded.model
            found = table.objects.filter(history_id__in=keys).order_by(f"{target}_id")
            for history_id, key in found.values_list("history_id", f"{target}_id"):
                links[model, many.name, history_id].append(key)
    return links


def linked_names(rows, links, user) -> dict:
    """{model: {key: name}} of all that the rows point to."""
    keys = defaultdict(set)
    for _, *both in rows:
        for row in both:
            for tracked in row.tracked_fields if row is not None else ():
                if tracked.remote_field:
                    keys[tracked.related_model].add(getattr(row, tracked.attname))
    for (model, name, _), linked in links.items():
        keys[model._meta.get_field(name).related_model].update(linked)
    names = defaultdict(lambda: defaultdict(lambda: GONE))
    for model, wanted in keys.items():
        everything = model._default_manager.filter(pk__in=wanted - {None})
        gated = hasattr(everything, "visible_to")
        visible = everything.visible_to(user) if gated else everything
        names[model].update(dict.fromkeys(everything.values_list("pk", flat=True), HIDDEN))
        names[model].update((record.pk, str(record)) for record in visible)
    return names


class LinksGoneError(ValidationError):
    """Some of what a history row links is gone; `left` is what is there."""

    def __init__(self, left):
        super().__init__("Une partie de cette liste n’existe plus : refaites-la à la main.")
        self.left = left


def links_in(row, name) -> QuerySet:
    """The records that a history row links by a many-to-many field; refuses what is gone."""
    target = row.instance_type._meta.get_field(name)
    key = f"{get_m2m_reverse_field_name(target)}_id"
    keys = set(getattr(row, name).values_list(key, flat=True))
    found = target.related_model._base_manager.filter(pk__in=keys)
    if len(found) < len(keys):
        raise LinksGoneError(found)
    return found


def restore_field(record, name, row, user) -> None:
    """Give a field the value that a history row holds; ValidationError where a rule refuses it.

    Many-to-many fields are restored as a whole; the person may link to all that comes back.
    """
    target = type(record)._meta.get_field(name)
    if target.remote_field:
        refuse_others(record, target, row, user)
    restore_fields(record, [name], row, reason=because(row))


def refuse_others(record, target, row, user) -> None:
    """A history names what its reader may not attach: it is no way around the gates."""
    if target.many_to_many:
        held = getattr(record, target.name).values_list("pk", flat=True)
        wanted = set(links_in(row, target.name).values_list("pk", flat=True)) - set(held)
    else:
        wanted = {getattr(row, target.attname)} - {None}
    everything = target.related_model._default_manager.filter(pk__in=wanted)
    is_gated = hasattr(everything, "linkable_by")
    if is_gated and everything.linkable_by(user).count() < len(wanted):
        raise ValidationError("Ce lien n’est pas à vous : demandez-le au secrétariat.")


def restore_fields(record, names, row, reason="") -> None:
    """Several at once, checked together."""
    for name in names:
        target = type(record)._meta.get_field(name)
        if target.many_to_many:
            record._change_reason = reason
            getattr(record, name).set(links_in(row, name))
        else:
            setattr(record, target.attname, getattr(row, target.attname))
    checked(record)
    record.save_because(reason)


def restore_line(row, before, partly=False) -> list[str]:
    """Bring a deleted line back as it was; ValidationError where its place is taken.

    `partly`: without the links to what is gone by now. Returns the names of the fields that lack some.
    """
    record = row.instance
    if type(record)._base_manager.filter(pk=record.pk).exists():
        raise ValidationError("Cette ligne existe déjà.")
    record._state.adding = True
    checked(record)
    record.save_because(because(row))
    lacking = []
    for name in getattr(type(record), "_history_m2m_fields", ()):
        record._change_reason = because(row)
        try:
            found = links_in(before or row, name)
        except LinksGoneError as error:
            if not partly:
                raise
            found = error.left
            lacking.append(str(type(record)._meta.get_field(name).verbose_name))
        getattr(record, name).set(found)
    return lacking


def checked(record) -> None:
    try:
        record.full_clean()
    except ObjectDoesNotExist as error:
        raise ValidationError(
            "Ce à quoi cette ligne se rattachait est supprimé : rétablissez-le d’abord."
        ) from error


def because(row) -> str:
    return f"Rétabli tel qu’au {row.history_date:%d/%m/%Y %H:%M}."
