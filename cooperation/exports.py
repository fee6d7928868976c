"""What a list of partners gives to take away."""

from collections.abc import Iterator

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse

from cooperation.lists.exports import Export, grouped, own_headings, own_rows
from cooperation.models import Partner
from cooperation.models.partners import code_label

HEADINGS = {
    "slug": "Code",
    "url": "Adresse",
    **own_headings(Partner),
    "codes": "Codes officiels",
    "commune": "Commune du siège (code)",
    "members": "Membres (codes)",
    "successor": "Remplacé par (code)",
    "source": "Source",
    "updated_at": "Modifié le",
}


def rows(user, keys, day) -> Iterator:
    """(key, row) of the partners so numbered that a person sees, in three queries."""
    visible = Partner.objects.visible_to(user).filter(pk__in=keys).order_by()
    named = dict(Partner.objects.visible_to(user).filter(linked_to(keys)).values_list("pk", "slug"))
    codes = grouped(
        visible.filter(codes__isnull=False)
        .order_by("codes__scheme", "codes__code")
        .values_list("pk", "codes__scheme", "codes__code")
    )
    members = grouped(
        visible.filter(members__in=named)
        .order_by("members__name")
        .values_list("pk", "members")
        .distinct()
    )
    path = reverse("partner_detail", args=["SLUG"])
    for key, row in own_rows(visible, ["slug", "commune", "successor"]):
        row |= {
            "url": settings.SITE_URL + path.replace("SLUG", row["slug"]),
            "aliases": (row["aliases"] or "").splitlines(),
            "codes": [code_label(*code) for code in codes[key]],
            "commune": named.get(row["commune"]),
            "successor": named.get(row["successor"]),
            "members": [named[member] for member in members[key]],
        }
        yield key, row


def linked_to(keys) -> Q:
    """Partners that some of these name."""
    return Q(seated_partners__in=keys) | Q(predecessors__in=keys) | Q(groupings__in=keys)


def records(user) -> QuerySet:
    return Partner.objects.visible_to(user).defer("search_text")


def feed_entry(partner) -> tuple:
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
