"""What came from IATI files."""

from django.db import models

from actions.models.actions import Action
from agreements.models import Convention, ConventionPartQuerySet
from cooperation.records.base import Record


class IatiActivity(Record):
    """An activity of an IATI file, once it is a convention or an action: what had no place there."""

    convention = models.ForeignKey(
        Convention, on_delete=models.CASCADE, related_name="iati_activities"
    )
    action = models.ForeignKey(
        Action, on_delete=models.CASCADE, related_name="iati_activities", null=True, blank=True
    )
    identifier = models.CharField("identifiant IATI", max_length=200, db_index=True)
    elements = models.TextField(
        "éléments mis de côté",
        blank=True,
        help_text="En XML, tels qu’ils sont venus : le registre n’a pas de champ pour eux.",
    )

    objects = ConventionPartQuerySet.as_manager()

    part_of = "convention"

    class Meta:
        verbose_name = "activité IATI"
        verbose_name_plural = "activités IATI"
        ordering = ["convention", "pk"]

    def __str__(self):
        return self.identifier

    @property
    def is_locked(self) -> bool:
        return self.convention.is_locked
