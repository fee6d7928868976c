"""Deadlines: an instant, in one time zone, written the same everywhere."""

from datetime import date, datetime, timedelta

from babel.dates import format_date
from django.utils import timezone

ZONE = "heure de Porto-Novo"


def day_label(day: date) -> str:
    """« 1er décembre 2026 »"""
    text = format_date(day, "d MMMM y", locale="fr")
    return f"1er {text[2:]}" if day.day == 1 else text


def moment_label(moment: datetime) -> str:
    """« mardi 1er décembre 2026 à 10 h 00 », in Porto-Novo"""
    local = timezone.localtime(moment)
    weekday = format_date(local, "EEEE", locale="fr")
    return f"{weekday} {day_label(local.date())} à {local:%-H h %M}"


def span_label(starts_at: datetime, ends_at: datetime) -> str:
    """« mardi 1er décembre 2026 de 10 h 00 à 12 h 30 (heure de Porto-Novo) », or from one day to another."""
    start, end = timezone.localtime(starts_at), timezone.localtime(ends_at)
    if start.date() != end.date():
        return f"du {moment_label(starts_at)} au {moment_label(ends_at)} ({ZONE})"
    first = moment_label(starts_at).replace(" à ", " de ", 1)
    return f"{first} à {end:%-H h %M} ({ZONE})"


def closing_of(day: date) -> datetime:
    """The first instant that is too late for a deadline that ends with a day, in Porto-Novo."""
    after = datetime.combine(day + timedelta(days=1), datetime.min.time())
    return timezone.make_aware(after)


def deadline_label(day: date) -> str:
    """« jusqu’au 12 mars 2027 inclus, 23 h 59 (heure de Porto-Novo) »"""
    return f"jusqu’au {day_label(day)} inclus, 23 h 59 ({ZONE})"


def days_left(day: date) -> int:
    """Whole days after today; 0 on the last day, less than 0 once it is over."""
    return (day - timezone.localdate()).days


def working_days_after(day: date, count: int) -> date:
    """The last of `count` days from Monday to Friday after a day. Public holidays are not known here."""
    while count:
        day += timedelta(days=1)
        if day.weekday() < 5:
            count -= 1
    return day
