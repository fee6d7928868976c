"""The index of partners."""

from collections.abc import Iterable, Iterator

from django.db.models import QuerySet

from cooperation.lists.facets import NO, YES, column, country_labels, stated, status_facet
from cooperation.lists.index import Facet, Index, choice_labels, too_many
from cooperation.lists.listing import Listing, parameters
from cooperation.models import Partner
from cooperation.records.gates import Status
from cooperation.values.places import Departement
from cooperation.values.text import fold


def signing(records) -> Iterator:
    """Partners of a published convention, and the others."""
    found = records.filter(conventions__status=Status.PUBLISHED)
    having = set(found.values_list("pk", flat=True))
    for key in records.values_list("pk", flat=True):
        yield key, YES if key in having else NO


def roles(records) -> QuerySet:
    signed = {"parties__convention__status": Status.PUBLISHED, "parties__role__gt": ""}
    return records.filter(**signed).values_list("pk", "parties__role")


def role_labels(values) -> dict:
    field = Partner._meta.get_field("parties").related_model._meta.get_field("role")
    return choice_labels(field.choices)(values)


def own_words(records) -> Iterable:
    rows = records.values_list("pk", "name", "short_name")
    return ((key, fold(f"{name} {short_name}")) for key, name, short_name in rows)


def other_words(records) -> Iterator:
    yield from records.values_list("pk", "search_text")
    for key, code in records.filter(codes__isnull=False).values_list("pk", "codes__code"):
        yield key, fold(code)


def touched(entries) -> set[int] | None:
    """Keys of the partners that changed records are about; None where any may be."""
    if "party" in entries or too_many(entries):
        return None
    signed = Partner.objects.filter(conventions__in=entries.get("convention", ()))
    return {*entries.get("partner", ()), *signed.order_by().values_list("pk", flat=True)}


PARTNER_INDEX = Index(
    lambda: Partner.objects.all(),
    [
        Facet(
            "kind", "Nature", stated("kind"), choice_labels(Partner.Kind, empty="non renseignée")
        ),
        Facet("country", "Pays", column("country"), country_labels),
        Facet("departement", "Département", column("departement"), choice_labels(Departement)),
        Facet("role", "Rôle dans une convention", roles, role_labels),
        Facet(
            "signing",
            "Conventions",
            signing,
            choice_labels([(YES, "partie à une convention"), (NO, "partie à aucune")]),
            in_order=True,
        ),
        status_facet(),
    ],
    zones=(own_words, other_words),
    spoken=("kind", "country", "departement"),
    orders={
        "name": ("search_text", "pk"),
        "kind": ("kind", "search_text", "pk"),
        "country": ("country", "search_text", "pk"),
        "updated": ("updated_at", "pk"),
    },
    touched=touched,
)
ORDERS = [
    ("name", "nom, de A à Z"),
    ("-name", "nom, de Z à A"),
    ("kind", "nature"),
    ("country", "pays"),
    ("-updated", "dernière modification"),
]
TYPED = ("updated_after",)
PARAMETERS = parameters([*PARTNER_INDEX.facets, *TYPED])


def partner_listing(data, user) -> Listing:
    """The partners that an address asks for."""
    return Listing(PARTNER_INDEX, data, user, names=TYPED, orders=ORDERS)
