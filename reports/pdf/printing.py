"""What the PDF of each report is made of, section by section."""

from collections import defaultdict
from collections.abc import Iterator
from zlib import crc32

import segno
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString

from agreements.facets import CONVENTION_INDEX
from reports.facts.bilan import BilanFacts
from reports.facts.definitions import METHODS
from reports.facts.inventory import Inventory
from reports.overview import map_on_paper
from reports.pdf.book import Section, laid_out_html, section, write_book

# A report of no more conventions is laid out as one piece, without breaks between groups.
SHORT = 40
# Conventions of one section: few enough that a change moves little, enough to fill their pages.
LEAST, MOST = 4, 9
# What the index at the end of an inventory lists.
INDEXES = [
    ("commune", "Index des communes"),
    ("partner", "Index des partenaires"),
    ("country", "Index des pays"),
    ("theme", "Index des thèmes"),
    ("odd", "Index des ODD"),
]


def runs(entries) -> Iterator:
    """Some conventions at a time, cut where their references say: one more moves few others."""
    run = []
    for entry in entries:
        ends = len(run) >= LEAST and crc32(entry.reference.encode()) % 3 == 0
        if ends or len(run) == MOST:
            yield run
            run = []
        run.append(entry)
    if run:
        yield run


def day_label(day) -> str:
    return date_format(day, "j F Y")


def write_inventory(inventory: Inventory, file, tell=lambda done, pages: None) -> int:
    """Write the inventory as a PDF; returns how many pages it has."""
    title = "Inventaire des conventions et de leurs actions"
    address = f"{settings.SITE_URL}{reverse('inventory')}?{inventory.query}".removesuffix("?")
    facts = [
        ("Périmètre", " ; ".join(inventory.scope) or "toutes les conventions publiées"),
        ("Données arrêtées au", day_label(inventory.day)),
        ("Extrait du registre le", day_label(timezone.localdate())),
        ("Statut", "document de travail, tiré du registre public"),
    ]
    cover = {
        "title": title,
        "subtitle": "Coopération décentralisée au Bénin",
        "facts": facts,
    }

    def body():
        summary = {"inventory": inventory, "map": map_on_paper(inventory.keys)}
        yield section("reports/pdf_inventory_summary.html", summary)
        if inventory.printed <= SHORT:
            groups = [
                (group.label, list(inventory.entries(group.keys))) for group in inventory.groups
            ]
            yield entries_section(groups)
        else:
            for group in inventory.groups:
                for number, run in enumerate(runs(inventory.entries(group.keys))):
                    yield entries_section([("" if number else group.label, run)])

    def index(pages):
        yield from index_sections(inventory.keys, pages)
        yield notes_section("inventaire", address)

    return write_book(
        file,
        title=f"{title} – coopération décentralisée au Bénin",
        frame=frame_section(title, f"données au {day_label(inventory.day)}"),
        cover=section("reports/pdf_cover.html", cover),
        body=body(),
        index=index,
        tell=tell,
    )


def write_bilan(
    facts: BilanFacts, file, *, title: str, edition=None, tell=lambda done, pages: None
) -> int:
    """Write a bilan as a PDF; without an edition it is a draft, and says so on each page."""
    status = f"données au {day_label(facts.day)}"
    shown = [
        ("Période", facts.period),
        ("Périmètre", " ; ".join(facts.scope) or "toutes les conventions publiées"),
        ("Termes des conventions au", day_label(facts.day)),
        ("États des actions et montants, tels que tenus le", day_label(facts.made_on)),
    ]
    if edition:
        shown += [
            ("Édition", f"n° {edition.number}, publiée le {day_label(edition.published_at)}"),
            ("Numéro", edition.mark),
        ]
    else:
        shown += [("Statut", "projet, non publié")]
    cover = {
        "title": title,
        "subtitle": f"Bilan de la coopération décentralisée au Bénin, {facts.period}",
        "facts": shown,
        "seal": seal(edition) if edition else None,
    }
    address = settings.SITE_URL + (edition.get_absolute_url() if edition else reverse("bilan_list"))
    context = {"bilan": facts, "paper": True, "edition": edition}

    def body():
        yield section("reports/pdf_bilan.html", context)
        for number, run in enumerate(runs(facts.entries)):
            label = "" if number else "Annexe : les conventions de la période"
            yield entries_section([(label, run)])

    return write_book(
        file,
        title=f"{title} ({edition.mark})" if edition else f"{title} (projet)",
        frame=frame_section(title, f"{edition or 'PROJET'} – {status}"),
        cover=section("reports/pdf_cover.html", cover),
        body=body(),
        index=lambda pages: [notes_section("bilan", address)],
        tell=tell,
    )


def period_title(period) -> str:
    return f"Bilan {period} de la coopération décentralisée"


def seal(edition) -> dict:
    """What the cover shows to check it by: where, the sum of the figures, and a QR code."""
    address = f"{settings.SITE_URL}{reverse('edition_check')}?numero={edition.mark}"
    code = qr_code(address, f"Code QR : vérifier l’édition {edition.mark}")
    return {"address": address, "sha256": edition.facts_sha256, "code": code}


def qr_code(address, label) -> SafeString:
    """A drawing that telephones read, with what it is in words."""
    code = segno.make(address, error="m", micro=False)
    return SafeString(
        code.svg_inline(scale=3, border=0, svgclass=None, lineclass=None, title=label)
    )


def frame_section(heading, status) -> Section:
    return section("reports/pdf_frame.html", {"heading": heading, "status": status})


def notes_section(report, address) -> Section:
    """What each figure counts, and what the report is about."""
    return section("reports/pdf_notes.html", {"method": METHODS[report], "address": address})


def entries_section(groups) -> Section:
    return Section(
        repr(groups),
        lambda: laid_out_html("reports/pdf_entries.html", {"runs": groups}),
        weight=sum(len(entries) for _, entries in groups),
    )


def index_sections(keys, pages) -> Iterator:
    """Where each commune, partner, country, theme and ODD is spoken of."""
    references = dict(CONVENTION_INDEX.records().values_list("pk", "reference"))
    pages_of = {key: pages[f"conv-{references[key]}"] for key in keys}
    with CONVENTION_INDEX as index:
        for name, heading in INDEXES:
            places = defaultdict(set)
            for value, label in index.labels(name).items():
                for key in index.held[name][value]:
                    places[label].update(pages_of.get(key, ()))
            entries = [(label, sorted(found)) for label, found in places.items() if found]
            if entries:
                yield section("reports/pdf_index.html", {"heading": heading, "entries": entries})
