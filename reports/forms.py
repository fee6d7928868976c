import hashlib
import re

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from agreements.facets import convention_listing
from cooperation.entry.forms import RecordForm
from cooperation.models import SavedSearch
from cooperation.values.dates import FIRST_YEAR, LAST_YEAR
from reports.facts.inventory import By, Layout, address_of
from reports.models import Bilan, Edition

BACKWARDS = "La période finit avant de commencer. Corrigez l’une des deux années."
# Of a PDF in hand, that is compared with the one published.
MOST_BYTES = 100 * 2**20
# Years that one bilan tells.
MOST_YEARS = 20


def year_field(label) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        required=False,
        widget=forms.NumberInput({"placeholder": "2019", "inputmode": "numeric"}),
    )


class InventoryForm(forms.Form):
    """What an inventory asks besides the filters of the list."""

    par = forms.ChoiceField(label="Grouper par", choices=By.choices, required=False)
    de = year_field("Période, de (année)")
    a = year_field("à (année)")
    disposition = forms.ChoiceField(choices=Layout.choices, required=False)

    def clean(self) -> dict:
        cleaned = super().clean()
        first, last = cleaned.get("de"), cleaned.get("a")
        if first and last and last < first:
            raise ValidationError(BACKWARDS)
        return cleaned


class PeriodForm(forms.Form):
    """The years of a bilan."""

    first_year = year_field("de (année)")
    last_year = year_field("à (année)")

    def clean(self) -> dict:
        cleaned = super().clean()
        refuse_period(cleaned.get("first_year"), cleaned.get("last_year"))
        return cleaned


def refuse_period(first, last) -> None:
    if not (first and last):
        return
    if last < first:
        raise ValidationError(BACKWARDS)
    if last - first >= MOST_YEARS:
        raise ValidationError(f"Un bilan porte sur {MOST_YEARS} années au plus.")


class BilanForm(forms.ModelForm):
    """The period and the scope of a new bilan."""

    class Meta:
        model = Bilan
        fields = ["title", "first_year", "last_year", "filters"]
        widgets = {"filters": forms.HiddenInput}

    def clean_filters(self) -> str:
        """As an address of the list says them, and nothing that the list does not know."""
        listing = convention_listing(QueryDict(self.cleaned_data["filters"]), AnonymousUser())
        if listing.errors:
            raise ValidationError("Un filtre n’a pas de sens : " + listing.errors[0][3])
        if {"state", "on"} & listing.data.keys():
            raise ValidationError(
                "Un bilan compte lui-même ce qui est en vigueur ou achevé : ôtez le filtre d’état, "
                "puis choisissez la période."
            )
        return address_of(listing.query, [])

    def scope(self) -> list[str]:
        """The filters in words."""
        filters = self["filters"].value() or ""
        listing = convention_listing(QueryDict(filters), AnonymousUser())
        return [f"{f['label']} : {f['value']}" for f in listing.active]

    def clean(self) -> dict:
        cleaned = super().clean()
        refuse_period(cleaned.get("first_year"), cleaned.get("last_year"))
        return cleaned


class NarrativeForm(RecordForm):
    """What the secretariat writes around the figures; the other's text is never overwritten."""

    class Meta:
        model = Bilan
        fields = ["title", *Bilan.NARRATIVE]
        widgets = {name: forms.Textarea({"rows": 8}) for name in Bilan.NARRATIVE}

    def __init__(self, *args, user, **kwargs):
        self.user = user
        super().__init__(*args, **kwargs)


class CheckForm(forms.Form):
    """The number on the cover, and the file in hand or its sum."""

    numero = forms.CharField(
        label="Numéro sur la couverture",
        max_length=40,
        widget=forms.TextInput({"placeholder": "BILAN-2025-1-E1"}),
    )
    empreinte = forms.CharField(
        label="Empreinte SHA-256, du fichier ou de la couverture", max_length=80, required=False
    )
    fichier = forms.FileField(
        label="ou le fichier PDF",
        required=False,
        help_text="Il est comparé, puis oublié.",
        widget=forms.FileInput({"accept": "application/pdf"}),
    )

    def clean_empreinte(self) -> str:
        typed = "".join(self.cleaned_data["empreinte"].lower().split())
        if typed and not re.fullmatch(r"[0-9a-f]{64}", typed):
            raise ValidationError("Une empreinte SHA-256 a 64 chiffres et lettres de a à f.")
        return typed

    def clean_fichier(self) -> UploadedFile | None:
        file = self.cleaned_data["fichier"]
        if file and file.size > MOST_BYTES:
            raise ValidationError(f"Ce fichier dépasse {MOST_BYTES // 2**20} Mo.")
        return file

    def verdict(self) -> dict:
        """{edition: the one so numbered, or None; same: whether what is given is of it, or None}."""
        mark = self.cleaned_data["numero"].strip().upper()
        edition = Edition.objects.filter(mark=mark).select_related("bilan").first()
        given = self.cleaned_data["empreinte"]
        if file := self.cleaned_data["fichier"]:
            given = hashlib.file_digest(file, "sha256").hexdigest()
        # The cover bears the sum of the figures: it cannot hold its own.
        known = edition and (edition.pdf_sha256, edition.facts_sha256)
        same = given in known if edition and given else None
        return {"is_asked": True, "edition": edition, "same": same}


class SaveForm(forms.ModelForm):
    """Built with whose search it is, and of what."""

    class Meta:
        model = SavedSearch
        fields = ["name"]

    def __init__(self, *args, user, kind, query, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.user, self.instance.kind, self.instance.query = user, kind, query

    def clean_name(self) -> str:
        """On one line: it is the subject of messages."""
        return " ".join(self.cleaned_data["name"].split())

    def _get_validation_exclusions(self):
        """The same search twice is told by the form, not by the database."""
        return super()._get_validation_exclusions() - {"user", "kind", "query"}
