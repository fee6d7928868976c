"""Two versions of a text side by side: what went, and what came."""

from dataclasses import dataclass

from diff_match_patch import diff_match_patch
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


@dataclass(frozen=True)
class Compared:
    """A section in both versions; "" where it is not in one of them."""

    heading: str
    former: SafeString
    latter: SafeString
    is_changed: bool


def compared(former, latter) -> list[Compared]:
    """The sections of two versions in the order of the latter, those that went after them."""
    before = {section.anchor: section for section in former.sections.all()}
    after = {section.anchor: section for section in latter.sections.all()}
    anchors = [*after, *(anchor for anchor in before if anchor not in after)]
    return [beside(before.get(anchor), after.get(anchor)) for anchor in anchors]


def beside(old, new) -> Compared:
    texts = [f"{one.heading}\n\n{one.text}" if one else "" for one in (old, new)]
    left, right = marked(*texts)
    return Compared(str(new or old), left, right, texts[0] != texts[1])


def marked(old: str, new: str) -> tuple[SafeString, SafeString]:
    """Both texts as HTML, with <del> around what went and <ins> around what came."""
    tool = diff_match_patch()
    parts = tool.diff_main(old, new)
    tool.diff_cleanupSemantic(parts)
    left = [(tag("del", text) if kind < 0 else lines(text),) for kind, text in parts if kind <= 0]
    right = [(tag("ins", text) if kind > 0 else lines(text),) for kind, text in parts if kind >= 0]
    return format_html_join("", "{}", left), format_html_join("", "{}", right)


def lines(text) -> SafeString:
    return format_html_join(SafeString("<br>"), "{}", ((line,) for line in text.split("\n")))


def tag(name, text) -> SafeString:
    return format_html("<{0}>{1}</{0}>", name, lines(text))
