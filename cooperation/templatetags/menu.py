"""The menu: what the site has for a person, and where they are in it."""

from django import template
from django.urls import reverse

from cooperation.roles import enters_data, enters_for, is_secretariat

register = template.Library()

RUBRICS = [
    ("Conventions", "convention_list"),
    ("Carte", "overview_map"),
    ("Actions", "action_list"),
    ("Partenaires", "partner_list"),
    ("Thèmes", "theme_list"),
    ("Inventaire", "inventory"),
    ("Bilans", "bilan_list"),
]


@register.simple_tag(takes_context=True)
def menu(context) -> list[tuple]:
    """[(label, address, whether one is there), …]

    The page of an error knows neither who asks nor what: it has the rubrics alone.
    """
    entries = [(label, reverse(name)) for label, name in RUBRICS]
    if "request" not in context:
        return [(label, address, False) for label, address in entries]
    user, path = context["user"], context["request"].get_full_path()
    if user.is_authenticated:
        entries += for_people(user)
    # The longest address that the page's own begins with: « Mes conventions » before « Conventions ».
    reached = (address for _, address in entries if path.startswith(address))
    here = max(reached, key=len, default=None)
    return [(label, address, address == here) for label, address in entries]


def for_people(user) -> list[tuple]:
    """[(label, address), …] of what a person with an account has besides."""
    entries = []
    if enters_for(user):
        entries.append(("Mes conventions", reverse("own_conventions")))
    if is_secretariat(user):
        entries.append(("À traiter", reverse("queue")))
        entries.append(("Suivi", reverse("watch_list")))
    if enters_data(user):
        entries.append(("Saisir", reverse("admin:index")))
    return entries
