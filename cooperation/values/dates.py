"""Dates as precise as their source: a year stays a year."""

import re
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

from babel.dates import format_date, get_month_names
from django.utils import timezone

from cooperation.values.text import fold

FIRST_YEAR, LAST_YEAR = 1900, 2100
MONTHS = {
    fold(name): number
    for width in ("wide", "abbreviated")
    for number, name in get_month_names(width, locale="fr").items()
}

HINT = (
    "Écrivez une année (2019), un mois (11/2019) ou un jour (14/11/2019), avec ou sans les barres."
)


class PartialDate(str):
    """ISO 8601 at the precision known: "2019", "2019-11" or "2019-11-14".

    As text these sort by the first day they may mean, in Python as in SQL, and the longer form
    begins with the shorter: a database compares them with `<=` and equality alone.
    """

    __slots__ = ()

    def __new__(cls, value):
        text = str(value)
        if not re.fullmatch(r"\d{4}(-\d{2}){0,2}", text, re.ASCII):
            raise ValueError(f"not a date of ISO 8601: {text!r}")
        year, month, day = (int(part) for part in (text + "-01-01")[:10].split("-"))
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise ValueError(f"year out of range: {year}")
        date(year, month, day)
        return super().__new__(cls, text)

    @classmethod
    def stored(cls, text) -> "PartialDate | None":
        """Of text that is known to be one: nothing is checked again."""
        return text and super().__new__(cls, text)

    @classmethod
    def parse(cls, text) -> "PartialDate":
        """Read what a person types in French, or ISO; ValueError where it is no date."""
        text = text.strip()
        if re.match(r"\d{4}\b", text):
            return cls(text)
        # Or with nothing between them: the keys of a telephone have no « / ».
        numbers = re.fullmatch(
            r"(?:(\d{1,2})[-/., ])?(\d{1,2})[-/., ](\d{4})", text
        ) or re.fullmatch(r"(\d{2})?(\d{2})(\d{4})", text, re.ASCII)
        if numbers:
            day, month, year = numbers.groups()
        else:
            words = fold(text).removeprefix("le ").replace("1er ", "1 ").split()
            if len(words) not in (2, 3) or words[-2] not in MONTHS or not words[-1].isdecimal():
                raise ValueError(f"not a date: {text!r}")
            day, month, year = (words[0] if len(words) == 3 else None), MONTHS[words[-2]], words[-1]
            if day is not None and not day.isdecimal():
                raise ValueError(f"not a date: {text!r}")
        iso = f"{int(year):04}-{int(month):02}"
        return cls(iso if day is None else f"{iso}-{int(day):02}")

    @property
    def year(self) -> int:
        return int(self[:4])

    @property
    def first_day(self) -> date:
        """The earliest day it may mean."""
        return date.fromisoformat((self + "-01-01")[:10])

    @property
    def last_day(self) -> date:
        """The latest day it may mean."""
        if len(self) == 10:
            return self.first_day
        month = int(self[5:7]) if len(self) == 7 else 12
        return date(self.year, month, monthrange(self.year, month)[1])

    @property
    def label(self) -> str:
        """In French: "2019", "novembre 2019", "14 novembre 2019"."""
        return said(self)

    def after_months(self, months) -> "PartialDate":
        """The last day, month or year of a term of so many months that begins here.

        At the same precision: 2019-11-14 and 12 → 2020-11-13; 2019-11 and 26 → 2021-12. Of a year,
        the last one that it may mean: 2009 and 36 → 2012. ValueError beyond the years of the registry.
        """
        if len(self) == 10:
            years, month = divmod(int(self[5:7]) + months - 1, 12)
            last = monthrange(self.year + years, month + 1)[1]
            # The day before the same day; of the 31st, the last one of a shorter month.
            same = min(self.first_day.day, last + 1)
            day = date(self.year + years, month + 1, 1) + timedelta(days=same - 2)
            return PartialDate(day)
        years, month = divmod(self.last_day.month + months - 2, 12)
        last = PartialDate(f"{self.year + years:04}-{month + 1:02}")
        return last if len(self) == 7 else PartialDate(last[:4])


def certainly_after(one, other) -> bool:
    """Whether a date is later than another, whichever days the two may mean; False of an unknown one."""
    return bool(one and other) and one.first_day > other.last_day


def may_overlap(one, other) -> bool:
    """Whether two (start, end) may have a day in common; what is not known excludes nothing."""
    return not (certainly_after(one[0], other[1]) or certainly_after(other[0], one[1]))


def not_before(name, day) -> tuple:
    """Lookups for « the date in field `name` may still be on `day` or later », to join with OR.

    "2019" and "2019-11" sort before "2019-11-14" but may mean a later day of that year or month.
    """
    iso = str(day)
    return {f"{name}__gte": iso}, {f"{name}__in": [iso[:4], iso[:7]]}


def changing_between(name, first, last) -> tuple:
    """Lookups for « the date in field `name` begins, or is over, between two days », to join with OR.

    The state of such a record may differ between the two days. May return false positives, never
    misses one: a month or a year that holds the first day always matches.
    """
    iso = first.isoformat()
    return {f"{name}__gte": iso, f"{name}__lte": last.isoformat()}, {
        f"{name}__in": [iso[:4], iso[:7]]
    }


@lru_cache(maxsize=10_000)
def said(day: PartialDate) -> str:
    pattern = {4: "y", 7: "MMMM y", 10: "d MMMM y"}[len(day)]
    text = format_date(day.first_day, pattern, locale="fr")
    return "1er" + text[1:] if len(day) == 10 and text.startswith("1 ") else text


def period_label(start, end) -> str:
    """« 2006 – 2010 », « depuis le 26 juillet 2019 », « jusqu’à 2010 », or "" for two unknowns."""
    if start and end:
        return start.label if start == end else f"{start.label} – {end.label}"
    if start:
        word = "depuis" if start.first_day <= timezone.localdate() else "dès"
        return f"{word} {'le ' if len(start) == 10 else ''}{start.label}"
    if end:
        return f"jusqu’{'au' if len(end) == 10 else 'à'} {end.label}"
    return ""
