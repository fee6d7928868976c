"""The index of partners."""

from cooperation.lists.index import Facet, Index, choice_labels, too_many
from cooperation.lists.listing import Listing
from cooperation.models import Partner
from cooperation.records.base import Status
from cooperation.values.places import BENIN, Departement, country_names
from cooperation.values.text import fold

YES, NO = "oui", "non"


def stated(name):
    """(key, value) of a field that every record has, empty where it is not known."""

    def values(records):
        return records.values_list("pk", name)

    return values


def column(*names):
    """(key, value) of one field or relation, or of several; records without one have none."""

    def values(records):
        for name in names:
            found = records.filter(**{f"{name}__isnull": False}).values_list("pk", name)
            for key, value in found.iterator(chunk_size=5000):
                if value != "":
                    yield key, str(value)

    return values


def partner_labels(values):
    """Of published partners alone: a name that is not public is never told, nor that it exists."""
    found = Partner.objects.published()
    if len(values) < 500:
        found = found.filter(slug__in=values)
    rows = found.order_by("name").values_list("slug", "name", "short_name")
    return {slug: short or name for slug, name, short in rows if slug in values}


def country_labels(values):
    """Benin first, then by name."""
    names = country_names()
    known = sorted((v for v in values if v in names), key=lambda code: fold(names[code]))
    return {code: names[code] for code in sorted(known, key=lambda code: code != BENIN)}


def signing(records):
    """Partners of a published convention, and the others."""
    found = records.filter(conventions__status=Status.PUBLISHED)
    having = set(found.values_list("pk", flat=True))
    for key in records.values_list("pk", flat=True):
        yield key, YES if key in having else NO


def roles(records):
    signed = {"parties__convention__status": Status.PUBLISHED, "parties__role__gt": ""}
    return records.filter(**signed).values_list("pk", "parties__role")


def role_labels(values):
    field = Partner._meta.get_field("parties").related_model._meta.get_field("role")
    return choice_labels(field.choices)(values)


def own_words(records):
    rows = records.values_list("pk", "name", "short_name")
    return ((key, fold(f"{name} {short_name}")) for key, name, short_name in rows)


def other_words(records):
    yield from records.values_list("pk", "search_text")
    for key, code in records.filter(codes__isnull=False).values_list("pk", "codes__code"):
        yield key, fold(code)


def status_facet(name="status"):
    """Where a record, or the convention that it belongs to, stands; for people with an account."""
    return Facet(
        "status", "Publication", stated(name), choice_labels(Status), in_order=True, is_private=True
    )


def results_facet(values):
    labels = choice_labels([(YES, "renseignés"), (NO, "non renseignés")])
    return Facet("results", "Résultats", values, labels, in_order=True)


def touched(entries):
    """Keys of the partners that changed records are about; None where any may be."""
    if "party" in entries or too_many(entries):
        return None
    signed = Partner.objects.filter(conventions__in=entries.get("convention", ()))
    return {*entries.get("partner", ()), *signed.order_by().values_list("pk", flat=True)}


PARTNERS = Index(
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


def partner_listing(data, user):
    """The partners that an address asks for."""
    return Listing(PARTNERS, data, user, names=("updated_after",), orders=ORDERS)
