"""Every list to take away: CSV, XLSX, JSON, an Atom feed and a calendar, from what the page shows."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain

import orjson
from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.text import capfirst
from icalendar import Calendar, Event
from pyroaring import BitMap

from cooperation.lists.tables import CSV, XLSX, csv_lines, xlsx_file
from cooperation.values.fields import CurrencyField

REGISTER = "Registre des conventions de coopération décentralisée du Bénin"
CHUNK = 500
# Entries of a feed: the latest.
NEWEST = 50


@dataclass(frozen=True)
class Export:
    """What a kind of list gives.

    `headings` names each column in French, by its name in JSON and in their order; `rows(user,
    keys, day)` yields (key, {name: value}) in any order, from a few queries. A value is text, a number,
    a list of texts, or None. `records(user)` is what a feed reads, `entry(record)` the title and the
    text of one in it. `upcoming(user)` is what has a day to come, `deadlines(record)` yields what a
    calendar holds of one.
    """

    title: str
    filename: str
    headings: dict[str, str]
    rows: Callable
    records: Callable
    entry: Callable
    upcoming: Callable | None = None
    deadlines: Callable | None = None


def own_headings(model) -> dict[str, str]:
    """{name: heading} of all that people enter of a record, each code before its label.

    The source stays apart: it stands at the end of a row.
    """
    found = {}
    for name in model.entered_fields():
        field = model._meta.get_field(name)
        heading = capfirst(field.verbose_name)
        if name == "source":
            continue
        if is_code(field):
            found |= {name: f"{heading} (code)", f"{name}_label": heading}
        else:
            found[name] = heading
    return found


def is_code(field) -> bool:
    return bool(field.choices) and not isinstance(field, CurrencyField)


def own_rows(records, others=()) -> Iterator[tuple[int, dict]]:
    """(key, {name: value}) of what `own_headings` names, of the source, of `updated_at` and of `others`.

    `others`: more names or paths of the queryset. What is empty is None; moments are local time.
    """
    model = records.model
    entered = model.entered_fields()
    names = [*entered, model.changed_field, *others]
    labels = {
        name: dict(field.flatchoices)
        for name in entered
        if is_code(field := model._meta.get_field(name))
    }
    zone = timezone.get_current_timezone()
    for key, *values in records.values_list("pk", *names):
        row = dict(zip(names, (None if value == "" else value for value in values), strict=True))
        row["updated_at"] = row.pop(model.changed_field)
        row |= {f"{name}_label": known.get(row[name]) for name, known in labels.items()}
        row["updated_at"] = row["updated_at"].astimezone(zone).isoformat()
        yield key, row


def grouped(rows) -> dict[int, list]:
    """{key: [rest of each row, …]} of rows that begin with a key; one value alone is not a tuple."""
    found = defaultdict(list)
    for key, *rest in rows:
        found[key].append(rest[0] if len(rest) == 1 else rest)
    return found


def rows_in_order(listing, kind, user) -> Iterator:
    """The rows of a list, some hundred at a time: memory stays flat."""
    for start in range(0, listing.count, CHUNK):
        keys = listing.keys(start, start + CHUNK)
        found = dict(kind.rows(user, keys, listing.day))
        yield from (found[key] for key in keys if key in found)


def records(listing, queryset) -> Iterator:
    """The records of a list in its order, in the same way."""
    for start in range(0, listing.count, CHUNK):
        keys = listing.keys(start, start + CHUNK)
        found = {record.pk: record for record in queryset.filter(pk__in=keys)}
        yield from (found[key] for key in keys if key in found)


def about(listing, title, address) -> list[tuple]:
    """[(what, value), …]: where a file comes from, when, and what it was narrowed to."""
    filters = "; ".join(f"{f['label']} : {f['value']}" for f in listing.active) or "aucun"
    return [
        ("Registre", REGISTER),
        ("Liste", title),
        ("Filtres", filters),
        ("Nombre", listing.count),
        ("État au", (listing.day or timezone.localdate()).strftime("%d/%m/%Y")),
        ("Extrait le", timezone.localtime().strftime("%d/%m/%Y %H:%M")),
        ("Adresse", f"{settings.SITE_URL}{address}"),
    ]


def export(request, listing, kind, extension) -> HttpResponseBase:
    """The list as a file. 404 where its filters make no sense.

    XLSX and JSON say what they were narrowed to; a CSV holds nothing but its rows, which programs read.
    """
    if listing.errors or extension not in ("csv", "xlsx", "json"):
        raise Http404("Un filtre n’a pas de sens.")
    address = f"{request.path.rsplit('/', 1)[0]}/?{listing.query}".removesuffix("?")
    facts = about(listing, kind.title, address)
    found = rows_in_order(listing, kind, request.user)
    name = f"{kind.filename}-{timezone.localdate():%Y-%m-%d}.{extension}"
    if extension == "xlsx":
        file = xlsx_file(table(kind, found), title=kind.title, about=facts)
        return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)
    if extension == "json":
        return attached(json_parts(kind, found, facts), "application/json", name)
    return attached(csv_lines(table(kind, found)), CSV, name)


def attached(parts, content_type, name) -> HttpResponseBase:
    response = StreamingHttpResponse(parts, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def table(kind, found) -> Iterator:
    yield list(kind.headings.values())
    names = list(kind.headings)
    for row in found:
        values = [row[name] for name in names]
        yield [" ; ".join(value) if type(value) is list else value for value in values]


def json_parts(kind, found, facts) -> Iterator:
    yield b'{"about":' + orjson.dumps(dict(facts)) + b',"labels":' + orjson.dumps(kind.headings)
    yield b',"results":['
    separator = b""
    for row in found:
        yield separator + orjson.dumps({name: row[name] for name in kind.headings}, default=str)
        separator = b","
    yield b"]}"


def feed(request, listing, kind) -> HttpResponseBase:
    """The records changed last, as an Atom feed."""
    if listing.errors:
        raise Http404("Un filtre n’a pas de sens.")
    address = f"{settings.SITE_URL}{request.path}?{listing.query}".removesuffix("?")
    page = f"{settings.SITE_URL}{request.path.rsplit('/', 1)[0]}/?{listing.query}".removesuffix("?")
    filters = ", ".join(f"{f['label']} : {f['value']}" for f in listing.active)
    title = f"{kind.title} – {filters}" if filters else kind.title
    atom = Atom1Feed(
        title=title,
        link=page,
        description=title,
        language="fr",
        feed_url=address,
        author_name=REGISTER,
    )
    newest = kind.records(request.user).filter(pk__in=listing.newest(NEWEST))
    for record in newest.order_by(f"-{newest.model.changed_field}"):
        heading, text = kind.entry(record)
        link = f"{settings.SITE_URL}{record.get_absolute_url()}"
        # Django calls every summary HTML: a text must be escaped to come out as typed.
        atom.add_item(heading, link, escape(text), updateddate=record.changed_at, unique_id=link)
    return HttpResponse(
        atom.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8"
    )


def calendar(request, listing, kind) -> HttpResponseBase:
    """Days to come, as an iCalendar file.

    A date known as a year or a month stays one: the event lasts as long.
    """
    if listing.errors:
        raise Http404("Un filtre n’a pas de sens.")
    found = Calendar()
    found.add("prodid", "-//Registre de la coopération décentralisée du Bénin//FR")
    found.add("version", "2.0")
    found.add("x-wr-calname", f"{kind.title} : échéances")
    coming = kind.upcoming(request.user)
    listing.narrow(BitMap(coming.order_by().values_list("pk", flat=True)))
    days = chain.from_iterable(map(kind.deadlines, records(listing, coming)))
    for identity, day, summary, address in days:
        event = Event()
        event.add("uid", f"{identity}@registre")
        event.add("dtstamp", timezone.now())
        event.add("dtstart", day.first_day)
        event.add("dtend", day.last_day + timedelta(days=1))
        event.add(
            "summary", summary if len(day) == 10 else f"{summary} ({day.label}, sans jour précis)"
        )
        event.add("url", f"{settings.SITE_URL}{address}")
        found.add_component(event)
    return HttpResponse(found.to_ical(), content_type="text/calendar; charset=utf-8")
