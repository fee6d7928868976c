"""The menu: what the site has for a person, what waits for them, and where they are in it."""

from dataclasses import dataclass

from django import template
from django.urls import reverse

from reports.work import work_of

register = template.Library()

RUBRICS = [
    ("Conventions", "convention_list"),
    ("Carte", "overview_map"),
    ("Actions", "action_list"),
    ("Partenaires", "partner_list"),
    ("Thèmes", "theme_list"),
    ("Inventaire", "inventory"),
    ("Bilans", "bilan_list"),
    ("Sous-groupe", "workgroup_home"),
]


@dataclass(frozen=True)
class Entry:
    """One line of the menu; `waiting` is how much waits for the person there."""

    label: str
    address: str
    waiting: int = 0
    is_here: bool = False


@dataclass(frozen=True)
class Menu:
    rubrics: list[Entry]
    # Of a person with an account; empty for visitors.
    work: list[Entry]

    @property
    def waiting(self) -> int:
        return sum(entry.waiting for entry in self.work)

    @property
    def is_at_work(self) -> bool:
        return any(entry.is_here for entry in self.work)


@register.simple_tag(takes_context=True)
def menu(context) -> Menu:
    """The page of an error knows neither who asks nor what: it has the rubrics alone."""
    rubrics = [(label, name, 0) for label, name in RUBRICS]
    if "request" not in context:
        return Menu(entries(rubrics, None), [])
    user, path = context["user"], context["request"].get_full_path()
    work = work_of(user) if user.is_authenticated else []
    # The longest address that the page's own begins with: « Mes conventions » before « Conventions ».
    addresses = [reverse(name) for _, name, _ in (*rubrics, *work)]
    here = max((one for one in addresses if path.startswith(one)), key=len, default=None)
    return Menu(entries(rubrics, here), entries(work, here))


def entries(named, here) -> list[Entry]:
    found = [(label, reverse(name), waiting) for label, name, waiting in named]
    return [Entry(*one, is_here=one[1] == here) for one in found]
