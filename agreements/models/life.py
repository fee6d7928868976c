"""What happens to a convention, and how it is known: signatures, situations, meetings, visits, sources."""

from django.db import models
from django.db.models import F

from agreements.models.parts import ConventionPartQuerySet
from cooperation.records.base import Identified, Record
from cooperation.values.display import shown
from cooperation.values.fields import PartialDateField
from cooperation.values.text import fold


class LifeLine(Identified, Record):
    """A fact in the life of a convention; unlike its terms, whoever enters it may add to it at any time."""

    objects = ConventionPartQuerySet.as_manager()

    part_of = "convention"

    class Meta:
        abstract = True

    def __str__(self):
        return self.told or self._meta.verbose_name

    @property
    def is_locked(self) -> bool:
        return self.convention.is_locked

    @property
    def told(self) -> str:
        """All that it says, in one line: « 14 juin 2015 – visite – Évreux – échanger sur l’eau »."""
        fields = (self._meta.get_field(n) for n in self.entered_fields() if n != "source")
        values = (shown(field, getattr(self, field.attname)) for field in fields)
        return " – ".join(value for value in values if value)


def belonging(related_name) -> models.ForeignKey:
    return models.ForeignKey(
        "agreements.Convention", on_delete=models.CASCADE, related_name=related_name
    )


def dated(name) -> list:
    return ["convention_id", F(name).asc(nulls_last=True), "pk"]


# Their relations from a convention, in the order in which they are told.
LIFE = ("situations", "signatures", "meetings", "exchanges", "cited_sources", "other_values")


class Signature(LifeLine):
    """One of the moments at which a text was signed, where there are several, or a ceremony."""

    class Kind(models.TextChoices):
        SIGNATURE = "signature", "signature"
        CEREMONY = "ceremonie", "cérémonie"

    convention = belonging("signatures")
    kind = models.CharField("signature ou cérémonie", max_length=20, choices=Kind, blank=True)
    signed_on = PartialDateField("date")
    date_words = models.CharField(
        "date en toutes lettres",
        max_length=80,
        blank=True,
        help_text="Si la source n’en dit qu’une partie : « 14 juillet », sans l’année.",
    )
    place = models.CharField("lieu", max_length=120, blank=True)
    signatories = models.CharField(
        "qui a signé",
        max_length=250,
        blank=True,
        help_text="Les fonctions : le maire, le président…",
    )

    class Meta:
        verbose_name = "signature"
        ordering = dated("signed_on")


class Situation(LifeLine):
    """What a convention becomes on a day, other than what its dates tell: its state follows it."""

    class Kind(models.TextChoices):
        PLANNED = "envisagee", "envisagée"
        NEGOTIATED = "en-negociation", "en négociation"
        REFUSED = "refusee", "refusée"
        DORMANT = "en-sommeil", "en sommeil"
        SUSPENDED = "suspendue", "suspendue"
        RESUMED = "reprise", "reprise"
        MOVED = "transferee", "transférée à une autre collectivité"
        STOPPED = "arretee", "arrêtée"
        DENOUNCED = "denoncee", "dénoncée"

    convention = belonging("situations")
    kind = models.CharField("situation", max_length=20, choices=Kind)
    since = PartialDateField("depuis")
    note = models.CharField("précision", max_length=250, blank=True)

    class Meta:
        verbose_name = "situation"
        ordering = dated("since")


class Meeting(LifeLine):
    """A meeting of whoever follows a convention up."""

    convention = belonging("meetings")
    held_on = PartialDateField("date")
    place = models.CharField("lieu", max_length=120, blank=True)
    minutes = models.TextField(
        "compte rendu",
        blank=True,
        help_text="L’essentiel ; le document lui-même se joint à la convention.",
    )

    class Meta:
        verbose_name = "réunion de suivi"
        verbose_name_plural = "réunions de suivi"
        ordering = dated("held_on")


class Exchange(LifeLine):
    """A visit from one side to the other, or another exchange between them."""

    class Kind(models.TextChoices):
        VISIT = "visite", "visite"
        MISSION = "mission", "mission technique"
        INTERNSHIP = "stage", "stage, formation"
        YOUTH = "jeunes", "échange de jeunes"
        OTHER = "autre", "autre échange"

    convention = belonging("exchanges")
    kind = models.CharField("échange", max_length=20, choices=Kind, blank=True)
    happened_on = PartialDateField("date")
    place = models.CharField("où", max_length=120, blank=True)
    from_benin = models.CharField(
        "qui, du Bénin", max_length=250, blank=True, help_text="Les fonctions, pas les noms."
    )
    from_partner = models.CharField(
        "qui, du partenaire", max_length=250, blank=True, help_text="Les fonctions, pas les noms."
    )
    purpose = models.TextField("objet", blank=True)
    results = models.TextField("résultats", blank=True)
    report = models.CharField(
        "rapport",
        max_length=250,
        blank=True,
        help_text="Son titre ; le document lui-même se joint à la convention.",
    )

    class Meta:
        verbose_name = "échange ou visite"
        verbose_name_plural = "échanges et visites"
        ordering = dated("happened_on")


class CitedSource(LifeLine):
    """Where something about a convention is written, for whoever wants to read it."""

    convention = belonging("cited_sources")
    title = models.CharField("titre", max_length=250)
    address = models.URLField("adresse", max_length=500, blank=True)
    dated = PartialDateField("datée")
    seen_on = PartialDateField("consultée")
    supports = models.CharField(
        "ce qu’elle appuie", max_length=250, blank=True, help_text="Par exemple « la durée »."
    )

    class Meta:
        verbose_name = "source citée"
        verbose_name_plural = "sources citées"
        ordering = ["convention_id", "pk"]


class OtherValue(LifeLine):
    """What another source says otherwise, kept beside what the record retains; its source says which."""

    convention = belonging("other_values")
    about = models.CharField("de quoi", max_length=120, help_text="Par exemple « début ».")
    value = models.CharField("autre valeur", max_length=250)
    why = models.CharField("pourquoi elle n’est pas retenue", max_length=250, blank=True)

    @property
    def retained(self) -> str:
        """What the record holds of the same, where it is one of its fields; "" elsewhere."""
        about = fold(self.about)
        fields = map(self.convention._meta.get_field, self.convention.entered_fields())
        named = (field for field in fields if fold(field.verbose_name) == about)
        field = next(named, None)
        return shown(field, getattr(self.convention, field.attname)) if field else ""

    class Meta:
        verbose_name = "valeur dite autrement"
        verbose_name_plural = "valeurs dites autrement"
        ordering = ["convention_id", "pk"]
