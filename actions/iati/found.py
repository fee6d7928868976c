"""An activity as it was found in a file, and how XML is read: safely."""

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from lxml import etree

from actions.iati import codes

UNREADABLE = "Ce fichier n’est pas du XML lisible : {}."


# No outside file is opened, no entity expanded, no huge text kept.
PARSER = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


@dataclass
class Found:
    """One activity: a convention, or an action of the convention that `parent` identifies.

    `lines` are {element of the registry: [{field: text}, …]}; a line of a line stands in its "lines".
    Partners are named by keys of `partners`: {key: what is known of them}.
    """

    kind: str
    identifier: str
    parent: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)
    lines: dict[str, list[dict]] = field(default_factory=dict)
    partners: dict[str, dict] = field(default_factory=dict)
    aside: list[str] = field(default_factory=list)


def parsed(content: bytes) -> etree._Element:
    parser = etree.XMLParser(remove_blank_text=False, **PARSER)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ValidationError(UNREADABLE.format(error.msg)) from error


def own(activity, kind) -> etree._Element | None:
    return activity.find(f"{{{codes.REGISTRY}}}{kind}")


def text_of(element) -> str:
    """All of its text, comments left out; "" where there is no element."""
    return "" if element is None else element.xpath("string()").strip()


def identifier_of(activity) -> str:
    return text_of(activity.find("iati-identifier"))


def parent_of(activity) -> str:
    """The identifier of the activity that this one is part of, or ""."""
    for one in activity.findall("related-activity"):
        if one.get("type") == codes.PARENT:
            return (one.get("ref") or "").strip()
    return ""


def elements_of(element) -> list:
    """Without its comments."""
    return [child for child in element if isinstance(child.tag, str)]


def is_page(link) -> bool:
    return any(category.get("code") == codes.WEB_PAGE for category in link.findall("category"))


def opening(element, known=()) -> str:
    """What an element says in its attributes, but for those known, as an element; or ""."""
    said = {name: value for name, value in element.attrib.items() if name not in known}
    return etree.tostring(etree.Element(element.tag, said), encoding="unicode") if said else ""


def mention(name, **attributes) -> str:
    """An element of the registry's own, to be kept aside."""
    said = etree.Element(f"{{{codes.REGISTRY}}}{name}", attributes)
    return etree.tostring(said, encoding="unicode")


def plain(element) -> str:
    """An element as it came, without what is around it."""
    return etree.tostring(element, encoding="unicode", with_tail=False)
