"""What other sites read of a published record: a picture beside its link, and the words of schema.org."""

import io
import json
from dataclasses import dataclass
from textwrap import wrap

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from agreements.models import Convention
from cooperation.models import Partner

# Of a picture, in pixels: what networks show whole.
WIDTH, HEIGHT, MARGIN, BAND = 1200, 630, 70, 90
TITLE_SIZE, FACT_SIZE = 52, 32
# Letters in a line, and lines of a title.
MOST_LETTERS, MOST_LINES, MOST_FACT_LETTERS = 34, 4, 56
PAPER, INK, SOFT, BRAND = "#f7f7f2", "#17211c", "#505c56", "#0b5d43"
HARMLESS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"}
# Looked for where the system keeps its fonts: Debian installs it with Pango, which PDF needs.
FONT = "DejaVuSans.ttf"
SITE = "Coopération décentralisée au Bénin"


@dataclass(frozen=True)
class Described:
    """`facts` are its few words in a picture; `linked` is what it is, as schema.org names it."""

    title: str
    facts: list[str]
    address: str
    picture: str
    linked: dict

    @property
    def text(self) -> str:
        return " – ".join(self.facts)

    @property
    def linked_data(self) -> SafeString:
        return as_json_ld(self.linked)


def as_json_ld(facts) -> SafeString:
    """For an element of a page: no text of it can end that element."""
    return mark_safe(json.dumps(facts, ensure_ascii=False).translate(HARMLESS))  # noqa: S308


def described(record) -> Described:
    """Of a convention (with its term and parties), an action or a partner."""
    if isinstance(record, Convention):
        return of_convention(record)
    return of_partner(record) if isinstance(record, Partner) else of_action(record)


def of_convention(convention) -> Described:
    parties = convention.distinct_partners
    facts = [", ".join(one.brief for one in parties), convention.period, convention.state.label]
    begin, term = convention.begin, convention.term
    return make(
        convention,
        convention.title,
        facts,
        "conventions",
        convention.reference,
        "CreativeWork",
        identifier=convention.reference,
        contributor=[organisation(one) for one in parties if one.is_published],
        # ISO 8601, each date as precise as it is known; ".." where the end is not.
        temporalCoverage=f"{begin}/{term or '..'}" if begin else None,
        license=settings.DATA_LICENCE[1],
    )


def of_action(action) -> Described:
    facts = [action.convention.title, action.period, action.get_state_display()]
    return make(
        action,
        action.title,
        facts,
        "actions",
        action.reference,
        "Project",
        identifier=action.reference,
        description=action.description,
        subjectOf={"@type": "CreativeWork", "url": whole(action.convention.get_absolute_url())},
    )


def of_partner(partner) -> Described:
    place = partner.get_departement_display() if partner.departement else partner.country_name
    facts = [partner.get_kind_display(), place]
    return make(partner, partner.name, facts, "partenaires", partner.slug, **organisation(partner))


def organisation(partner) -> dict:
    kinds = Partner.Kind
    is_public = partner.kind in (kinds.COMMUNE, kinds.GROUPING, kinds.AUTHORITY, kinds.STATE)
    facts = {
        "@type": "GovernmentOrganization" if is_public else "Organization",
        "name": partner.name,
        "alternateName": partner.short_name,
        "url": whole(partner.get_absolute_url()),
    }
    address = {
        "@type": "PostalAddress",
        "addressCountry": partner.country,
        "addressRegion": partner.get_departement_display(),
    }
    return known(facts | {"address": known(address) if partner.country else None})


def make(record, title, facts, kind, key, schema="", **linked) -> Described:
    address = whole(record.get_absolute_url())
    said = {"@context": "https://schema.org", "@type": schema, "name": title, "url": address}
    return Described(
        title,
        [fact for fact in facts if fact],
        address,
        whole(reverse("picture", args=[kind, key])),
        known(said | {"inLanguage": "fr"} | linked),
    )


def known(facts) -> dict:
    return {name: value for name, value in facts.items() if value not in (None, "", [])}


def whole(path) -> str:
    return settings.SITE_URL + path


def picture_of(about: Described) -> bytes:
    """A PNG of 1200 by 630 pixels; OSError where the machine has no font."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    title, fact = (ImageFont.truetype(FONT, size) for size in (TITLE_SIZE, FACT_SIZE))
    letters = set(map(chr, TTFont(title.path).getBestCmap()))
    draw.rectangle((0, 0, WIDTH, BAND), fill=BRAND)
    draw.text((MARGIN, BAND / 2), SITE, "white", fact, anchor="lm")
    y = BAND + 60
    # What the font has no letters for is left out: the link itself says it.
    name = about.title if letters.issuperset(about.title) else ""
    for line in wrap(name, MOST_LETTERS, max_lines=MOST_LINES, placeholder=" …"):
        draw.text((MARGIN, y), line, INK, title)
        y += TITLE_SIZE * 1.2
    y += 20
    for told in filter(letters.issuperset, about.facts):
        for line in wrap(told, MOST_FACT_LETTERS, max_lines=2, placeholder=" …"):
            draw.text((MARGIN, y), line, SOFT, fact)
            y += FACT_SIZE * 1.35
    file = io.BytesIO()
    # Few colours: a line of 2G brings it in a second.
    image.quantize(32).save(file, "PNG", optimize=True)
    return file.getvalue()
