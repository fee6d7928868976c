"""Lists that are filtered, counted and searched at any size: an index of bitmaps in memory.

Each value of each facet holds the set of records that have it; a filter is an intersection, and so
is each count beside a value. The index is made with a few queries and brought up to date by what
the journal of changes (`models.JournalEntry`) says has moved since. Nothing is ever guessed from it: the
rows of a page are read from the database through `visible_to`.
"""

import threading
from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import islice

from django.db import models
from django.db.models import QuerySet
from django.utils import timezone
from pyroaring import BitMap
from rapidfuzz import fuzz, process

from cooperation.models import JournalEntry, Revision
from cooperation.records.gates import GONE, Status, sees_all
from cooperation.values.text import fold, search_words

# Records read at a time while the index is made.
CHUNK = 20_000
# Share of changed records beyond which the whole index is rebuilt.
MANY = 0.2
# Journal entries of one kind beyond which the whole index is rebuilt.
MOST_ENTRIES = 5_000
# Days whose states are kept, besides today.
MOST_DAYS = 4
# A result no longer than this is put in order by the database.
SHORT = 500


@dataclass(frozen=True, eq=False)
class Facet:
    """What records are sorted by: each may have several values, or none.

    `values(records)` yields (key of a record, value) for a queryset; `labels(values)` names values
    as people read them, in the order to show them in (by count unless `in_order`).
    """

    name: str
    label: str
    values: Callable[[object], Iterable[tuple[int, str]]]
    labels: Callable[[Iterable[str]], dict[str, str]]
    in_order: bool = False
    # Only for people with an account.
    is_private: bool = False
    help: str = ""


def too_many(entries) -> bool:
    """Whether so much has changed that reading all is simpler than finding out what."""
    return any(len(keys) > MOST_ENTRIES for keys in entries.values())


def choice_labels(choices, empty=None) -> Callable:
    """Labels of a field's choices, in their order; `empty` names the records without a value."""
    known = dict(getattr(choices, "choices", choices))
    if empty:
        known[NONE] = empty

    def labels(values):
        return {value: str(known[value]) for value in known if value in values}

    # All there may be, of a list that is closed.
    labels.choices = list(known)
    return labels


# Last letters of a plural; letters of the shortest word that has one.
PLURAL, SHORTEST = ("s", "x"), 3
# How alike two words are, out of 100, for one to be what the other was meant to be.
CLOSE = 75
# The value of records that have none, in an address.
NONE = "non-renseigne"


class Words:
    """Which records hold a word, in one zone of their text."""

    def __init__(self):
        self.records = defaultdict(BitMap)
        self.forget()

    def forget(self) -> None:
        self.all_words = None

    def add(self, texts) -> None:
        """(key, folded text) pairs."""
        found = defaultdict(list)
        for key, text in texts:
            for word in set(text.split()):
                found[word].append(key)
        for word, keys in found.items():
            self.records[word].update(keys)
        self.forget()

    def discard(self, keys) -> None:
        for word in [w for w, held in self.records.items() if held.intersect(keys)]:
            self.records[word] -= keys
            if not self.records[word]:
                del self.records[word]
        self.forget()

    def holding(self, part, begins) -> BitMap:
        """Records with a word that begins with this part, or contains it; or that is it, but for its plural."""
        found = [self.records[word] for word in self.words_with(part, begins)]
        singular = part[:-1]
        if part[-1:] in PLURAL and len(singular) >= SHORTEST and singular in self.records:
            found.append(self.records[singular])
        return BitMap.union(*found) if found else BitMap()

    def words_with(self, part, begins) -> Iterator:
        """Looked for in one text of all the words, a line each: a hundred times faster than each."""
        if self.all_words is None:
            self.all_words = "\n".join(["", *self.records, ""])
        text, sought = self.all_words, f"\n{part}" if begins else part
        end = text.find(sought)
        while end >= 0:
            start = text.rfind("\n", 0, end + 1) + 1
            end = text.find("\n", max(start, end + 1))
            yield text[start:end]
            end = text.find(sought, end)


class Index:
    """All the records of one model, by facet, by word and in order."""

    def __init__(
        self, records, facets, *, zones=(), orders=(), touched, amounts=None, daily=None, spoken=()
    ):
        """
        records: () -> QuerySet of all records, whoever sees them.
        zones: texts from the best to the least match, each records -> (key, folded text) pairs.
        orders: {name in an address: order_by() arguments}; the first is the default.
        touched: (entries of the journal) -> keys of the records that they touch, or None for all.
        amounts: records -> (key, amount) pairs, for a range.
        spoken: names of the facets whose labels are words too: « parakou jumelage », « france 2019 ».
        daily: {facet name: (records, day) -> (key, value) pairs} of what depends on a day.
        """
        self.records, self.facets, self.zones = records, {f.name: f for f in facets}, zones
        self.orders, self.touched, self.amounts, self.daily = orders, touched, amounts, daily or {}
        self.spoken_facets = spoken
        self.lock = threading.RLock()
        self.mark, self.today = None, None

    def __enter__(self):
        """The index, brought up to date with the registry, and still until it is left."""
        self.lock.acquire()
        try:
            mark, today = Revision.mark(), timezone.localdate()
            if self.mark is None or self.today != today:
                self.rebuild()
            elif self.mark != mark:
                self.catch_up(mark)
            self.mark, self.today = mark, today
        except BaseException:
            self.mark = None
            self.lock.release()
            raise
        return self

    def __exit__(self, *error):
        self.lock.release()

    def rebuild(self) -> None:
        self.every = BitMap()
        self.held = {name: defaultdict(BitMap) for name in self.facets}
        self.words = [Words() for _ in self.zones]
        self.sums = {}
        first = 0
        while keys := BitMap(
            self.records().filter(pk__gt=first).order_by("pk").values_list("pk", flat=True)[:CHUNK]
        ):
            self.read(pk__gt=first, pk__lte=keys.max())
            first = keys.max()
        self.forget()

    def catch_up(self, mark) -> None:
        """Read again what has changed since; all of it where the journal does not reach back."""
        (last, _), (number, _) = self.mark, mark
        entries, tokens = defaultdict(set), {}
        rows = JournalEntry.objects.filter(revision__gte=last, revision__lte=number)
        for revision, token, kind, key in rows.values_list("revision", "token", "kind", "key"):
            tokens[revision] = token
            if revision > last:
                entries[kind].add(key)
        complete = len(tokens) == number - last + 1 and self.mark == (last, tokens.get(last))
        keys = self.touched(entries) if complete else None
        if keys is None or len(keys) > max(MANY * len(self.every), SHORT):
            self.rebuild()
        elif keys:
            keys = BitMap(keys)
            self.every -= keys
            for values in self.held.values():
                for records in values.values():
                    records -= keys
            for words in self.words:
                words.discard(keys)
            for key in keys:
                self.sums.pop(key, None)
            for start in range(0, len(keys), SHORT):
                self.read(pk__in=keys[start : start + SHORT].to_array().tolist())
            self.forget()

    def read(self, **lookups) -> None:
        records = self.records().filter(**lookups).order_by()
        self.every.update(records.values_list("pk", flat=True))
        for name, facet in self.facets.items():
            found = defaultdict(list)
            for key, value in facet.values(records):
                found[NONE if value in (None, "") else value].append(key)
            for value, members in found.items():
                self.held[name][value].update(members)
        for words, zone in zip(self.words, self.zones, strict=True):
            words.add(zone(records))
        if self.amounts:
            self.sums.update(self.amounts(records))

    def forget(self) -> None:
        """What is made from the index only when it is asked for."""
        self.in_order, self.on_day, self.named, self.counted = {}, {}, {}, {}
        for name in ("by_amount", "gone", "current", "spoken"):
            self.__dict__.pop(name, None)

    @cached_property
    def spoken(self) -> Words:
        """The words of labels, and the records that have them: the least place for a word to be found."""
        words = Words()
        for name in self.spoken_facets:
            for value, label in self.labels(name).items():
                for word in fold(label).split():
                    words.records[word] |= self.held[name][value]
        return words

    @cached_property
    def by_amount(self) -> tuple:
        pairs = sorted((amount, key) for key, amount in self.sums.items())
        return [amount for amount, _ in pairs], [key for _, key in pairs]

    # Asking

    def visible_to(self, user) -> BitMap:
        """Keys of the records that a person sees."""
        if sees_all(user):
            return self.every
        public = self.public
        if not user.is_authenticated:
            return public
        own = self.records().owned_by(user).order_by().values_list("pk", flat=True)
        return public | BitMap(own)

    def having(self, name, values, day=None) -> BitMap:
        """Records with one at least of the values."""
        held = self.values_on(name, day)
        return BitMap().union(*(held[value] for value in values if value in held))

    def values_on(self, name, day=None) -> dict:
        """{value: records} of a facet, told on a day where it depends on one."""
        if day is None or name not in self.daily:
            return self.held[name]
        if day not in self.on_day:
            held = defaultdict(BitMap)
            for key, value in self.daily[name](self.records().order_by(), day):
                held[value].add(key)
            self.on_day[day] = held
            if len(self.on_day) > MOST_DAYS:
                oldest = next(iter(self.on_day))
                del self.on_day[oldest]
                self.named.pop((name, oldest), None)
        return self.on_day[day]

    def labels(self, name, day=None) -> dict:
        """{value: label} of all the values that a facet has, in its order."""
        if (name, day) not in self.named:
            values = {value for value, records in self.values_on(name, day).items() if records}
            self.named[name, day] = self.facets[name].labels(values)
        return self.named[name, day]

    def counts(self, name, labels, within, day=None) -> list[tuple]:
        """[(value, how many of `within`), …] of a facet, without those that have none.

        Those of a whole audience (the public, or who sees all) are counted once.
        """
        whole = any(within is keys for keys in (self.every, self.current, self.public))
        known = (name, day, id(within)) if whole else None
        if known in self.counted:
            return self.counted[known]
        held = self.values_on(name, day)
        found = [
            (value, within.intersection_cardinality(held[value]))
            for value in labels
            if value in held
        ]
        found = [(value, count) for value, count in found if count]
        if not self.facets[name].in_order:
            found.sort(key=lambda pair: -pair[1])
        if known:
            self.counted[known] = found
        return found

    @property
    def public(self) -> BitMap:
        return self.held["status"][Status.PUBLISHED]

    @cached_property
    def gone(self) -> BitMap:
        """What is withdrawn or merged."""
        return BitMap.union(*(self.held["status"].get(status, BitMap()) for status in GONE))

    @cached_property
    def current(self) -> BitMap:
        return self.every - self.gone

    def without_gone(self, keys) -> BitMap:
        """Of these keys, those of `RecordQuerySet.current`."""
        if keys is self.every:
            return self.current
        return keys - self.gone if keys.intersect(self.gone) else keys

    def between(self, least, most) -> BitMap:
        """Records whose amount lies between two, both included; None is no bound."""
        amounts, keys = self.by_amount
        start = 0 if least is None else bisect_left(amounts, least)
        end = len(amounts) if most is None else bisect_right(amounts, most)
        return BitMap(keys[start:end])

    def sum_of(self, keys) -> Decimal:
        """The amounts of these records together."""
        return sum((self.sums[key] for key in keys if key in self.sums), Decimal(0))

    def search(self, text, within) -> list:
        """[(records), …] of `within` that hold every word, the best matches first.

        Words that begin as typed come before words that only contain it; then the zones decide.
        """
        parts = search_words(text)
        found, seen = [], BitMap()
        for begins in (True, False):
            reached = [BitMap()] * len(parts)
            for words in (*self.words, self.spoken):
                holding = (words.holding(part, begins) for part in parts)
                reached = [held | more for held, more in zip(reached, holding, strict=True)]
                here = BitMap.intersection(within, *reached) - seen
                seen |= here
                found.append(here)
        return found

    def nearest(self, word, within) -> str:
        """The folded word itself where records of `within` hold it; else one of theirs that is close, or "".

        Only of theirs: a word of others is not to be told.
        """
        zones = (*self.words, self.spoken)
        if any(words.holding(word, begins=False).intersect(within) for words in zones):
            return word
        close = (
            (score, text)
            for words in self.words
            for text, score, _ in process.extract(
                word, list(words.records), scorer=fuzz.ratio, score_cutoff=CLOSE, limit=5
            )
            if words.records[text].intersect(within)
        )
        return max(close, default=(0, ""))[1]

    def found_in(self, queryset, text, path="pk") -> QuerySet:
        """Rows whose record (`path` leads to its key) holds every word of the text; all, of no word."""
        if not search_words(text):
            return queryset
        with self:
            keys = BitMap.union(*self.search(text, self.every))
        return queryset.filter(**{f"{path}__among": keys.to_array().tolist()})

    def page(self, found, order, start, stop) -> list[int]:
        """The keys of one page of a result: sets one after the other, each in an order."""
        page = []
        for keys in found:
            if start < len(keys):
                page += self.ordered(keys, order, start, stop)
            start, stop = max(0, start - len(keys)), stop - len(keys)
            if stop <= 0:
                break
        return page

    def ordered(self, keys, order, start, stop) -> list[int]:
        # Few among many: the database puts them in order sooner than they are met in the order of all.
        met = len(self.every) * min(1, stop / max(1, len(keys)))
        if len(keys) <= SHORT < met:
            records = self.records().filter(pk__in=keys.to_array().tolist())
            return list(self.sorted(records, order).values_list("pk", flat=True)[start:stop])
        held = (key for key in self.sequence(order) if key in keys)
        return list(islice(held, start, stop))

    def sequence(self, order) -> array:
        """Every key, in an order."""
        if order not in self.in_order:
            keys = self.sorted(self.records(), order).values_list("pk", flat=True)
            self.in_order[order] = array("q", keys.iterator(chunk_size=CHUNK))
        return self.in_order[order]

    def sorted(self, records, order) -> QuerySet:
        fields = self.orders[order.removeprefix("-")]
        if order.startswith("-"):
            return records.order_by(*(reversed_order(field) for field in fields))
        return records.order_by(*fields)


def reversed_order(field) -> str | models.OrderBy:
    """An order_by() argument the other way round; empty values stay last."""
    if isinstance(field, str):
        return field.removeprefix("-") if field.startswith("-") else f"-{field}"
    reversed_field = field.copy()
    reversed_field.reverse_ordering()
    reversed_field.nulls_first, reversed_field.nulls_last = None, True
    return reversed_field
