"""Incremental copies of the registry: what changed since a token, and tombstones of what is gone.

The counter moves in the transaction of each change, so tokens are in the order in which changes
became visible: none is missed between two of them. A moment may stand for a token; since a change
becomes visible a little after it was made, the minutes before that moment are sent again.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Max, Min
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from cooperation.models import Document, JournalEntry, Revision
from cooperation.records.gates import Status
from cooperation.rest.problems import ContradictionError, ParameterError, RequestError
from cooperation.rest.reading import chunks
from cooperation.rest.schema import MARK, SINCE

# Longer than any change takes from its first row to being visible.
OVERLAP = timedelta(minutes=10)
INVALID = (
    "Donnez la marque (« mark ») d’une réponse d’avant, un jour (2026-11-25) ou un instant "
    "(2026-11-25T06:00:00+01:00)."
)
TOO_OLD = (
    "Le journal ne remonte pas jusque-là : recommencez la copie, sans ce paramètre, et gardez la "
    "marque de la première réponse."
)


@dataclass(frozen=True)
class SyncToken:
    """A state of the registry: the number and token of its last change, and the day (for states)."""

    number: int
    token: str
    day: date

    @classmethod
    def now(cls) -> "SyncToken":
        return cls(*Revision.mark(), timezone.localdate())

    def __str__(self):
        return f"{self.number}-{self.token}-{self.day.toordinal()}"

    @classmethod
    def parse(cls, text) -> "SyncToken":
        """RequestError where the text is neither a mark nor a moment."""
        if found := re.fullmatch(MARK, text, re.ASCII):
            return cls(int(found[1]), found[2], date.fromordinal(int(found[3])))
        return cls.at(moment(text))

    @classmethod
    def at(cls, when) -> "SyncToken":
        """The last state that was surely visible at a moment."""
        earlier = JournalEntry.objects.filter(at__lt=when - OVERLAP).aggregate(
            number=Max("revision")
        )
        day = timezone.localdate(when)
        if earlier["number"] is not None:
            token = JournalEntry.objects.filter(revision=earlier["number"]).values("token")[0][
                "token"
            ]
            return cls(earlier["number"], token, day)
        if (JournalEntry.objects.aggregate(first=Min("revision"))["first"] or 1) > 1:
            raise too_old()
        return cls(0, "", day)

    def entries(self) -> dict:
        """{name of a model: keys} of what changed since; RequestError where nobody knows any more."""
        now, entries, tokens = Revision.current(), defaultdict(set), {}
        journal = JournalEntry.objects.filter(revision__gte=self.number, revision__lte=now)
        for revision, token, kind, key in journal.values_list("revision", "token", "kind", "key"):
            tokens[revision] = token
            if revision > self.number:
                entries[kind].add(key)
        own = tokens.pop(self.number, "")
        if own != self.token or self.number > now or len(tokens) < now - self.number:
            raise too_old()
        for keys in entries.values():
            keys.discard(None)
        return entries


def moment(text) -> datetime:
    # In an address « + » is a space, unless it is written « %2B ».
    text = re.sub(r"(T.*) (\d\d:\d\d)$", r"\1+\2", text)
    try:
        when = parse_datetime(text) if len(text) > 10 else None
        day = parse_date(text) if when is None else None
    except ValueError:
        when = day = None
    if when is None and day is None:
        raise refused(INVALID)
    if when is None:
        when = datetime.combine(day, time.min)
    if timezone.is_naive(when):
        when = timezone.make_aware(when)
    if not 1900 < when.year < 2200:
        raise refused(INVALID)
    return when


def refused(message) -> RequestError:
    return RequestError([ParameterError(SINCE, message, "no_mark")])


def too_old() -> ContradictionError:
    return ContradictionError([ParameterError(SINCE, TOO_OLD, "too_old")])


def tombstones(model, keys, slug, *, everything=False) -> list[str]:
    """Stable names of the records so numbered that were public once, or of all of them.

    The history knows them all.
    """
    names = set()
    for some in chunks(keys if everything else ever_public(model, keys)):
        names.update(model.history.filter(id__in=some).order_by().values_list(slug, flat=True))
    return sorted(names)


def ever_public(model, keys) -> set[int]:
    return {key for key, spans in public_spans(model, set(keys)).items() if spans}


def public_spans(model, keys) -> dict:
    """{key: [(from, until), …]}: when the public saw each of these records, as the history tells."""
    spans = lives(model, keys)
    through = model.part_of or model.public_through
    if through is None:
        return spans
    owner = model._meta.get_field(through)
    owners = {}
    for some in chunks(keys):
        owners |= dict(model.history.filter(id__in=some).values_list("id", owner.attname))
    wholes = public_spans(owner.related_model, set(owners.values()) - {None})
    return {key: overlaps(own, wholes.get(owners.get(key), [])) for key, own in spans.items()}


def lives(model, keys) -> dict:
    """When each was there or, of what has a publication of its own, was public."""
    names = [name for name in ("status", "access") if name in {f.name for f in model._meta.fields}]
    rows, spans = defaultdict(list), {}
    for some in chunks(keys):
        found = model.history.filter(id__in=some).order_by("history_date", "history_id")
        for key, kind, at, *facts in found.values_list(
            "id", "history_type", "history_date", *names
        ):
            shown = kind != "-" and set(facts) <= {Status.PUBLISHED, Document.Access.PUBLIC}
            rows[key].append((at, shown))
    for key, changes in rows.items():
        ends = [at for at, _ in changes[1:]] + [None]
        spans[key] = [(at, end) for (at, shown), end in zip(changes, ends, strict=True) if shown]
    return spans


def overlaps(one, other) -> list[tuple]:
    """The parts that two lists of spans have in common; None is no end."""
    found = []
    for start, end in one:
        for begin, finish in other:
            first = max(start, begin)
            last = min((moment for moment in (end, finish) if moment), default=None)
            if last is None or first < last:
                found.append((first, last))
    return found
