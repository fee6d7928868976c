"""People whom members of the sub-group may call: personal data, never public."""

from django.db import models
from django.db.models import F, QuerySet

from cooperation.models.partners import Partner
from cooperation.records.base import VersionedModel, dates_in_order
from cooperation.records.gates import sees_all
from cooperation.records.recording import RecordedQuerySet, Recorder
from cooperation.values.fields import PartialDateField


class PersonQuerySet(RecordedQuerySet):
    # Whose people they are: whoever owns that record sees them.
    owner = None

    def visible_to(self, user) -> QuerySet:
        """Names, e-mails and telephones are personal: the public does not see them."""
        if sees_all(user):
            return self.all()
        if not user.is_authenticated:
            return self.none()
        owners = self.model._meta.get_field(self.owner).related_model.objects.owned_by(user)
        return self.filter(**{f"{self.owner}__in": owners.order_by().values("pk")})


class Person(VersionedModel):
    """Somebody in an office, from when to when: they change after elections."""

    function = models.CharField("fonction", max_length=120, help_text="Maire, point focal…")
    name = models.CharField("nom", max_length=120)
    email = models.EmailField("adresse électronique", blank=True)
    phone = models.CharField("téléphone", max_length=40, blank=True)
    since = PartialDateField("depuis")
    until = PartialDateField("jusqu’à", help_text="Vide tant que le mandat dure.")

    # Personal data stays out of the history, so that it can be erased.
    history = Recorder(inherit=True, excluded_fields=["name", "email", "phone"])

    class Meta:
        abstract = True
        constraints = [
            dates_in_order(
                start="since",
                end="until",
                name="%(class)s_ends_after_start",
                message="La fin du mandat précède son début.",
            ),
        ]

    def __str__(self):
        return self.function


class ContactQuerySet(PersonQuerySet):
    owner = "partner"


class Contact(Person):
    """Who speaks for a partner."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="contacts")

    objects = ContactQuerySet.as_manager()

    class Meta(Person.Meta):
        verbose_name = "contact"
        ordering = ["partner", F("since").desc(nulls_last=True), "pk"]
