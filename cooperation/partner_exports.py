"""What a list of partners gives to take away."""

from django.conf import settings
from django.utils import timezone

from cooperation.exports import Column, Export, plain
from cooperation.models import Partner


def rows(user):
    return Partner.objects.visible_to(user).defer("search_text").prefetch_related("codes")


def columns():
    return [
        plain("Code", "slug"),
        Column("Adresse", "url", lambda p: f"{settings.SITE_URL}{p.get_absolute_url()}"),
        plain("Nom", "name"),
        plain("Sigle", "short_name"),
        Column("Autres noms", "aliases", lambda p: p.aliases.splitlines()),
        plain("Nature (code)", "kind"),
        Column("Nature", "kind_label", lambda p: p.get_kind_display() or None),
        plain("Pays (code)", "country"),
        Column("Pays", "country_label", lambda p: p.country_name or None),
        Column("Département", "departement", lambda p: p.get_departement_display() or None),
        Column("Codes officiels", "codes", lambda p: [str(code) for code in p.codes.all()]),
        Column("Population", "population", lambda p: p.population),
        Column("Année du recensement", "population_year", lambda p: p.population_year),
        Column("Latitude", "latitude", lambda p: p.latitude),
        Column("Longitude", "longitude", lambda p: p.longitude),
        plain("Site internet", "website"),
        plain("Source", "source"),
        Column("Modifié le", "updated_at", lambda p: timezone.localtime(p.updated_at).isoformat()),
    ]


def feed_entry(partner):
    facts = (partner.get_kind_display(), partner.get_departement_display(), partner.country_name)
    return str(partner), " – ".join(fact for fact in facts if fact)


PARTNERS = Export(
    title="Partenaires",
    filename="partenaires",
    columns=columns,
    rows=rows,
    entry=feed_entry,
)
