"""Whom to call about a convention, on each side: seen by members, never public."""

from django.db import models
from django.db.models import F

from agreements.models.conventions import Convention
from cooperation.models import Person, PersonQuerySet


class FocalPointQuerySet(PersonQuerySet):
    owner = "convention"


class FocalPoint(Person):
    """Who follows a convention for one of its sides."""

    class Side(models.TextChoices):
        BENIN = "cote-benin", "côté béninois"
        PARTNER = "cote-partenaire", "côté partenaire"

    convention = models.ForeignKey(
        Convention, on_delete=models.CASCADE, related_name="focal_points"
    )
    side = models.CharField("côté", max_length=20, choices=Side, blank=True)

    objects = FocalPointQuerySet.as_manager()

    part_of = "convention"
    # Nobody outside may read it.
    is_news = False

    class Meta(Person.Meta):
        verbose_name = "point focal"
        verbose_name_plural = "points focaux"
        ordering = ["convention_id", "side", F("since").desc(nulls_last=True), "pk"]
