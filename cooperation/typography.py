"""French spaces: what stands before « : ; ? ! » and inside quotation marks never ends a line.

Texts are written with plain spaces; every page, fiche and HTML mail passes here when it is rendered.
"""

import re

from django.template.backends.django import DjangoTemplates, Template
from django.utils.safestring import SafeString, mark_safe

NO_BREAK = "\u00a0"
# Before high marks and closing quotation marks; after opening ones and « n° »; between a number and its unit.
SPACES = re.compile(
    r" (?:(?=[:;!?»](?:\W|$))|(?<=« )|(?<=\bn° )|(?<=\d )(?=(?:F CFA|km|ha|h|ko|Mo|jours?|mois|ans?)\b|[%€]))"
)
# What is no French text: tags, and what is read letter by letter or sent back by a form.
LITERAL = "|".join(rf"{tag}\b.*?</{tag}" for tag in ("code", "pre", "textarea", "script", "style"))
APART = re.compile(rf"(<(?:{LITERAL}|[^>]*)>)", re.DOTALL)


def spaced(text: str) -> str:
    return SPACES.sub(NO_BREAK, text)


def spaced_html(html: str) -> str:
    """The same, in the text of HTML: never in what a form would send back."""
    parts = APART.split(html)
    # Texts and what is apart take turns; most texts are only indentation.
    parts[::2] = [text if text.isspace() else spaced(text) for text in parts[::2]]
    return "".join(parts)


class FrenchTemplate(Template):
    def render(self, context=None, request=None) -> SafeString:
        html = super().render(context, request)
        # Escaped already; only spaces change.
        return mark_safe(spaced_html(html))  # noqa: S308


class FrenchTemplates(DjangoTemplates):
    """Django's templates, HTML with French spaces."""

    def get_template(self, template_name) -> Template:
        found = super().get_template(template_name)
        return FrenchTemplate(found.template, self) if template_name.endswith(".html") else found
