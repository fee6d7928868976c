"""What people fill in for their group."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from actions.models import Action
from agreements.models import Convention
from cooperation.entry.files import FilesField
from cooperation.entry.forms import PageForm
from cooperation.models import Partner, User
from workgroup.merging import merged
from workgroup.models import (
    AgendaPoint,
    Answer,
    Attendance,
    Commitment,
    Correction,
    Draft,
    DraftComment,
    DraftSection,
    DraftStatus,
    DraftVersion,
    GroupMeeting,
    Mandate,
    Minutes,
    PointNotes,
    Presence,
    Remark,
    Satisfaction,
    SharedDocument,
    WorkingGroup,
)

# Years that a day of a group may have: beyond them a figure was mistyped.
YEARS = range(1990, 2100)


def refuse_odd_year(value) -> None:
    if value.year not in YEARS:
        raise ValidationError("Cette année n’est pas possible : relisez la date.")


class Moment(forms.DateTimeField):
    """A day and an hour in Porto-Novo, from the telephone's own wheel; typed where there is none."""

    def __init__(self, **kwargs):
        widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        formats = ["%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M", "%d/%m/%Y %Hh%M", "%d/%m/%Y à %H:%M"]
        kwargs["validators"] = [refuse_odd_year]
        super().__init__(widget=widget, input_formats=formats, **kwargs)
        self.error_messages["invalid"] = "Écrivez le jour et l’heure : 14/11/2026 15:30."


class Day(forms.DateField):
    def __init__(self, **kwargs):
        widget = forms.DateInput({"type": "date"}, format="%Y-%m-%d")
        kwargs["validators"] = [refuse_odd_year]
        super().__init__(widget=widget, input_formats=["%Y-%m-%d", "%d/%m/%Y"], **kwargs)
        self.error_messages["invalid"] = "Écrivez le jour : 14/11/2026."


class WorkingGroupForm(PageForm):
    class Meta:
        model = WorkingGroup
        fields = [
            "name",
            "kind",
            "purpose",
            "rules",
            "minutes_within",
            "corrected_within",
            "source",
        ]


class MandateForm(PageForm):
    starts_on = Day(label="Depuis", initial=timezone.localdate)
    ends_on = Day(
        label="Jusqu’au",
        required=False,
        help_text=Mandate._meta.get_field("ends_on").help_text,
    )

    class Meta:
        model = Mandate
        fields = ["user", "seat", "partner", "starts_on", "ends_on"]

    def __init__(self, *args, group=None, **kwargs):
        super().__init__(*args, **kwargs)
        if group:
            self.instance.group = group
        people = User.objects.filter(is_active=True).order_by("last_name", "username")
        self.fields["user"].queryset = people
        self.fields["user"].label_from_instance = lambda person: (
            f"{person.get_full_name() or person.username} ({person.get_role_display()})"
        )
        self.fields["partner"].queryset = Partner.objects.visible_to(self.user).current()
        if self.instance.pk:
            # Another person or another seat is another mandate.
            for name in ("user", "seat"):
                self.fields[name].disabled = True


class MeetingForm(PageForm):
    joining_link = forms.URLField(
        label="Lien pour y assister",
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text=GroupMeeting._meta.get_field("joining_link").help_text,
    )
    starts_at = Moment(label="Début")
    ends_at = Moment(label="Fin", help_text=GroupMeeting._meta.get_field("ends_at").help_text)

    class Meta:
        model = GroupMeeting
        fields = ["title", "starts_at", "ends_at", "place", "joining_link", "note"]
        widgets = {"note": forms.Textarea({"rows": 3})}

    def __init__(self, *args, group=None, **kwargs):
        super().__init__(*args, **kwargs)
        if group:
            self.instance.group = group
            self.fields["takes_agenda"] = forms.BooleanField(
                label="Reprendre l’ordre du jour de la dernière réunion", required=False
            )

    def clean(self) -> dict:
        cleaned = super().clean()
        if self.instance.pk and self.instance.is_locked and self.has_changed():
            raise ValidationError("Cette réunion est tenue : elle ne change plus.")
        starts_at, announced = cleaned.get("starts_at"), self.instance.is_announced
        if (
            announced
            and starts_at
            and "starts_at" in self.changed_data
            and starts_at <= timezone.now()
        ):
            self.add_error("starts_at", "Cette date est passée.")
        return cleaned


class PointForm(PageForm):
    class Meta:
        model = AgendaPoint
        fields = ["title", "detail", "duration", "brought_by"]
        widgets = {"detail": forms.Textarea({"rows": 2})}

    def __init__(self, *args, group, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.group = group
        self.fields["duration"].widget.attrs["inputmode"] = "numeric"
        organisations = group.organisations()
        if self.instance.brought_by_id:
            organisations |= Partner.objects.filter(pk=self.instance.brought_by_id)
        self.fields["brought_by"].queryset = organisations.distinct()


class MeetingDocumentForm(forms.Form):
    """A file for a meeting: its title, and whether members alone read it."""

    title = forms.CharField(label="Titre", max_length=200)
    file = FilesField(label="Fichier")
    for_members = forms.BooleanField(label="Pour les membres seulement", required=False)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["file"].for_user(user)


class AnswerForm(forms.ModelForm):
    """« Oui », « non », or who comes instead."""

    class Meta:
        model = Attendance
        fields = ["answer", "stand_in"]
        widgets = {"answer": forms.RadioSelect}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["answer"].required = True
        self.fields["answer"].choices = Answer.choices
        self.fields["answer"].error_messages["required"] = "Répondez oui, non ou représenté."

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("answer") == Answer.REPRESENTED and not cleaned.get("stand_in"):
            self.add_error("stand_in", "Dites par qui vous êtes représenté.")
        return cleaned


class PresenceForm(forms.ModelForm):
    """One line of those expected. It carries what the page showed: what nobody changed is not written."""

    shown = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    class Meta:
        model = Attendance
        fields = ["presence", "stand_in"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["presence"] = self.instance.likely_presence
        self.initial["shown"] = "|".join((self.instance.presence, self.instance.stand_in))

    @property
    def is_sent(self) -> bool:
        return f"{self.prefix}-presence" in self.data

    def save(self, commit=True) -> Attendance:
        typed = "|".join((self.cleaned_data["presence"], self.cleaned_data["stand_in"]))
        if typed != self.cleaned_data["shown"]:
            return super().save(commit)
        return self.instance

    def clean(self) -> dict:
        """Who was announced in somebody's place stays known, whoever came."""
        cleaned = super().clean()
        if not cleaned.get("stand_in"):
            if cleaned.get("presence") == Presence.REPRESENTED:
                self.add_error("stand_in", f"Dites par qui {self.instance} était représenté.")
            else:
                cleaned["stand_in"] = self.instance.stand_in
        return cleaned


class GuestForm(forms.ModelForm):
    class Meta:
        model = Attendance
        fields = ["guest", "partner"]

    def __init__(self, *args, meeting, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.meeting = meeting
        self.instance.presence = Presence.PRESENT
        self.fields["guest"].required = True
        self.fields["partner"].queryset = Partner.objects.visible_to(user).current()


class WrittenForm(forms.ModelForm):
    """A text that several write at once: it carries what the page showed, and what is there is merged in.

    `base_<field>` is the text that the person began from.
    """

    merging = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in self._meta.fields:
            self.fields[f"base_{name}"] = forms.CharField(
                required=False,
                strip=False,
                initial=getattr(self.instance, name),
                widget=forms.HiddenInput,
            )
        for name in self.merging:
            self.fields[name].strip = False

    def save(self, commit=True) -> models.Model:
        """Onto the row as it is now, which the transaction holds."""
        cleaned, current = self.cleaned_data, self.instance
        for name in self._meta.fields:
            base, typed = cleaned[f"base_{name}"], cleaned[name]
            if name in self.merging:
                setattr(current, name, merged(base, typed, self.held(name)))
            else:
                setattr(current, name, self.held(name) if typed == base else typed)
        current.save()
        return current

    def held(self, name) -> str:
        """What the row holds: the form has put what was typed into its instance."""
        return self.initial.get(name) or ""


class PointNotesForm(WrittenForm):
    merging = ("outcome", "decisions")

    class Meta:
        model = PointNotes
        fields = ["outcome", "decisions", "treatment"]
        widgets = {
            "outcome": forms.Textarea({"rows": 4}),
            "decisions": forms.Textarea({"rows": 2}),
            "treatment": forms.RadioSelect,
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["treatment"].choices = PointNotes.Treatment.choices


class MinutesForm(WrittenForm):
    merging = ("opening", "closing")

    class Meta:
        model = Minutes
        fields = ["opening", "closing"]
        widgets = {
            "opening": forms.Textarea({"rows": 3}),
            "closing": forms.Textarea({"rows": 3}),
        }


class DraftForm(PageForm):
    class Meta:
        model = Draft
        fields = ["title", "purpose", "partner", "outcome", "source"]
        widgets = {"purpose": forms.Textarea({"rows": 4}), "outcome": forms.Textarea({"rows": 4})}

    def __init__(self, *args, group, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.group = group
        organisations = group.organisations()
        if self.instance.partner_id:
            organisations |= Partner.objects.filter(pk=self.instance.partner_id)
        self.fields["partner"].queryset = organisations.distinct()
        if self.instance.status == DraftStatus.PREPARED:
            # Nothing can be concluded yet.
            del self.fields["outcome"]

    def clean(self) -> dict:
        cleaned = super().clean()
        if self.instance.is_locked and self.has_changed():
            raise ValidationError("Ce projet est officiel ou retiré : il ne change plus.")
        return cleaned


class VersionForm(PageForm):
    """What a version changes, and its text as a file where it is not written in sections."""

    file = FilesField(label="Texte joint", required=False)

    class Meta:
        model = DraftVersion
        fields = ["note"]


class SectionForm(PageForm):
    class Meta:
        model = DraftSection
        fields = ["heading", "text"]
        widgets = {"text": forms.Textarea({"rows": 10})}


# Days for which remarks are taken, at most.
LONGEST_WINDOW = 730


class WindowForm(forms.Form):
    """The last day of remarks; until its end, in Porto-Novo."""

    closes_on = Day(label="Remarques jusqu’au", help_text="Ce jour compris, jusqu’à 23 h 59.")
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean_closes_on(self) -> date:
        day = self.cleaned_data["closes_on"]
        left = (day - timezone.localdate()).days
        if left < 0:
            raise ValidationError("Ce jour est passé.")
        if left > LONGEST_WINDOW:
            raise ValidationError("Ce jour est dans plus de deux ans : relisez-le.")
        return day


class CommentForm(PageForm):
    """A remark on a paragraph, or on the whole; a proposed text that changes nothing is none."""

    class Meta:
        model = DraftComment
        fields = ["clause", "kind", "text", "proposed"]
        widgets = {
            "kind": forms.RadioSelect,
            "text": forms.Textarea({"rows": 3}),
            "proposed": forms.Textarea({"rows": 3}),
        }

    def __init__(self, *args, draft, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.draft = draft
        self.fields["kind"].choices = Remark.Kind.choices

    def clean_proposed(self) -> str:
        proposed = self.cleaned_data["proposed"].replace("\r\n", "\n").strip()
        return "" if proposed == self.instance.quoted else proposed


class SharedDocumentForm(PageForm):
    """What is shared; the file when it is new, and whether members alone read it."""

    file = FilesField(label="Fichier")
    for_members = forms.BooleanField(label="Pour les membres seulement", required=False)

    class Meta:
        model = SharedDocument
        fields = ["kind", "title", "summary", "partner", "themes", "source"]
        widgets = {
            "summary": forms.Textarea({"rows": 4}),
            "themes": forms.CheckboxSelectMultiple,
        }

    conventions = forms.CharField(
        label="Conventions",
        required=False,
        help_text="Leurs références, séparées par des espaces.",
    )
    actions = forms.CharField(
        label="Actions",
        required=False,
        help_text="Leurs références, séparées par des espaces.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = Partner.objects.visible_to(self.user).current()
        if self.instance.pk:
            del self.fields["file"], self.fields["for_members"]
            for name in ("conventions", "actions"):
                linked = getattr(self.instance, name).values_list("reference", flat=True)
                self.initial[name] = " ".join(linked)

    def clean_conventions(self) -> list:
        return self.named("conventions", Convention)

    def clean_actions(self) -> list:
        return self.named("actions", Action)

    def named(self, name, model) -> list:
        """The records that the references name; ValidationError where one names none."""
        asked = self.cleaned_data[name].upper().replace(",", " ").replace(";", " ").split()
        found = {
            one.reference: one
            for one in model.objects.visible_to(self.user).filter(reference__in=asked)
        }
        if lost := [reference for reference in asked if reference not in found]:
            raise ValidationError(
                f"Ces références ne sont pas dans le registre : {', '.join(lost)}."
            )
        return list(found.values())

    def save(self, commit=True) -> SharedDocument:
        shared = super().save(commit)
        for name in ("conventions", "actions"):
            getattr(shared, name).set(self.cleaned_data[name])
        return shared


class CommitmentForm(PageForm):
    due_on = Day(label="Pour le", required=False)

    class Meta:
        model = Commitment
        fields = ["what", "who", "user", "due_on"]

    def __init__(self, *args, group, point=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.group = group
        if point:
            self.instance.point = point
        self.fields["user"].queryset = group.people().order_by("last_name", "username")
        self.fields["user"].label_from_instance = lambda person: (
            person.get_full_name() or person.username
        )


class CorrectionForm(PageForm):
    class Meta:
        model = Correction
        fields = ["point", "kind", "text", "proposed"]
        widgets = {
            "text": forms.Textarea({"rows": 3}),
            "proposed": forms.Textarea({"rows": 3}),
        }

    def __init__(self, *args, minutes, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.minutes = minutes
        self.fields["point"].queryset = minutes.meeting.points.all()
        self.fields["point"].empty_label = "le compte rendu en général"


class SatisfactionForm(forms.Form):
    satisfied = forms.ChoiceField(label="Cette suite", choices=Satisfaction.choices)
    because = forms.CharField(label="Ce qui ne convient pas", max_length=2000, required=False)
