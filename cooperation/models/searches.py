"""Searches that people keep, to hear of what is new in them."""

from django.conf import settings
from django.db import models
from django.http import QueryDict
from pyroaring import BitMap

from cooperation.models.jobs import new_reference


class SavedSearch(models.Model):
    """A list as its address describes it, and what it held when its owner last heard of it."""

    class Kind(models.TextChoices):
        CONVENTION = "convention", "conventions"
        ACTION = "action", "actions"
        PARTNER = "partner", "partenaires"

    reference = models.CharField(max_length=16, unique=True, editable=False, default=new_reference)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="searches"
    )
    kind = models.CharField("liste", max_length=20, choices=Kind)
    name = models.CharField("nom", max_length=120, help_text="Pour la reconnaître dans un message.")
    query = models.TextField("filtres", blank=True, max_length=2000)
    known = models.BinaryField("déjà connues", default=bytes)
    created_at = models.DateTimeField("enregistrée le", auto_now_add=True)

    class Meta:
        verbose_name = "recherche enregistrée"
        ordering = ["user", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind", "query"],
                name="savedsearch_once",
                violation_error_message="Cette recherche est déjà enregistrée.",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def data(self) -> QueryDict:
        return QueryDict(self.query)

    @property
    def known_keys(self) -> BitMap:
        return BitMap.deserialize(bytes(self.known)) if self.known else BitMap()

    def remember(self, keys) -> None:
        self.known = BitMap(keys).serialize()
        self.save()

    remember.alters_data = True
