"""What a list of partners gives to take away."""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from cooperation.lists.exports import Export, grouped
from cooperation.models import Partner
from cooperation.values.places import Departement, country_names

HEADINGS = {
    "slug": "Code",
    "url": "Adresse",
    "name": "Nom",
    "short_name": "Sigle",
    "aliases": "Autres noms",
    "kind": "Nature (code)",
    "kind_label": "Nature",
    "country": "Pays (code)",
    "country_label": "Pays",
    "departement": "Département",
    "codes": "Codes officiels",
    "population": "Population",
    "population_year": "Année du recensement",
    "latitude": "Latitude",
    "longitude": "Longitude",
    "website": "Site internet",
    "source": "Source",
    "updated_at": "Modifié le",
}
FIELDS = ["slug", "name", "short_name", "aliases", "kind", "country", "departement", "population"]
FIELDS += ["population_year", "latitude", "longitude", "website", "source", "updated_at"]
KINDS, DEPARTEMENTS = dict(Partner.Kind.choices), dict(Departement.choices)


def rows(user, keys, day):
    """(key, row) of the partners so numbered that a person sees, in two queries."""
    visible = Partner.objects.visible_to(user).filter(pk__in=keys).order_by()
    codes = grouped(
        visible.filter(codes__isnull=False)
        .order_by("codes__scheme", "codes__code")
        .values_list("pk", "codes__scheme", "codes__code")
    )
    zone = timezone.get_current_timezone()
    path = reverse("partner_detail", args=["SLUG"])
    for key, *values in visible.values_list("pk", *FIELDS):
        row = dict(zip(FIELDS, (None if value == "" else value for value in values), strict=True))
        row |= {
            "url": settings.SITE_URL + path.replace("SLUG", row["slug"]),
            "aliases": (row["aliases"] or "").splitlines(),
            "kind_label": KINDS.get(row["kind"]),
            "country_label": country_names().get(row["country"]),
            "departement": DEPARTEMENTS.get(row["departement"]),
            "codes": [f"{scheme} {code}" for scheme, code in codes[key]],
            "updated_at": row["updated_at"].astimezone(zone).isoformat(),
        }
        yield key, row


def records(user):
    return Partner.objects.visible_to(user).defer("search_text")


def feed_entry(partner):
    facts = (partner.get_kind_display(), partner.get_departement_display(), partner.country_name)
    return str(partner), " – ".join(fact for fact in facts if fact)


PARTNER_EXPORT = Export(
    title="Partenaires",
    filename="partenaires",
    headings=HEADINGS,
    rows=rows,
    records=records,
    entry=feed_entry,
)
