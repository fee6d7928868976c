"""What a person gives to an import: a file, and answers to what the file leaves open."""

from hashlib import sha256

from django import forms
from django.core.exceptions import ValidationError

from cooperation.importing.books import importer_class, read_table
from cooperation.importing.columns import LINE, TROUBLE
from cooperation.importing.matching import ASIDE, LEAVE, NEW, WHICH, WHO, WORD, PartnerMatcher
from cooperation.importing.runs import receive_once
from cooperation.models import Import, Partner
from cooperation.roles import CORRECT
from cooperation.values.text import fold

# How many rows are looked through for examples of what a column holds, and how many are shown.
LOOKED_AT, EXAMPLES = 40, 3
LEFT = "cette ligne, à ne pas importer"
# What a new one is, by whether a partner is asked for.
NEW_LABELS = {
    True: "un nouveau partenaire, à ajouter sous ce nom",
    False: "une nouvelle fiche, à ajouter sous ce nom",
}


# How questions are put together, in the order in which they are asked.
TITLES = {
    WORD: "Que veulent dire ces mots ?",
    WHO: "Qui sont ces partenaires ?",
    WHICH: "Ces lignes sont-elles déjà dans le registre ?",
}


class UploadForm(forms.Form):
    file = forms.FileField(
        label="Fichier",
        error_messages={
            "required": "Choisissez un fichier.",
            "empty": "Ce fichier est vide : il n’y a aucune ligne à importer.",
        },
    )
    reason = forms.CharField(
        label="Motif",
        max_length=500,
        help_text="D’où vient cette liste, et pourquoi elle change le registre : il restera "
        "lisible dans l’historique de chaque fiche.",
        error_messages={"required": "Donnez le motif : il restera lisible."},
    )

    def __init__(self, *args, kind, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.kind, self.user = kind, user
        importer = importer_class(kind)
        self.fields["file"].help_text = importer.file_help
        self.fields["file"].widget.attrs["accept"] = importer.accepts
        if not user.has_perm(CORRECT):
            del self.fields["reason"]

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.errors:
            try:
                self.table = read_table(cleaned["file"], self.kind, self.user)
            except ValidationError as error:
                self.add_error("file", error)
        return cleaned

    def save(self) -> tuple[Import, bool]:
        return receive_once(self.table, user=self.user, reason=self.cleaned_data.get("reason", ""))


class MappingForm(forms.Form):
    """Which column of the registry each column of a file is."""

    def __init__(self, *args, job, **kwargs):
        super().__init__(*args, **kwargs)
        self.job, self.places = job, {}
        examples = list(job.rows.order_by("position")[:LOOKED_AT])
        for place, sheet in enumerate(job.sheets):
            if sheet["kind"]:
                self.add_sheet(place, sheet, [row for row in examples if row.sheet == place])

    def add_sheet(self, place, sheet, rows) -> None:
        importer = importer_class(sheet["kind"])
        meanings = importer.recognise(sheet["headings"], self.job.mapping.get(sheet["kind"]))
        choices = columns_to_choose(importer, meanings)
        for column, (heading, meaning) in enumerate(zip(sheet["headings"], meanings, strict=True)):
            if column not in sheet["filled"] or heading in (LINE, TROUBLE):
                continue
            name = f"s{place}c{column}"
            self.places[name] = (sheet["kind"], heading)
            told = dict.fromkeys(row.cells[column] for row in rows if len(row.cells) > column)
            self.fields[name] = forms.ChoiceField(
                label=heading,
                help_text=" ; ".join([cell[:60] for cell in told if cell][:EXAMPLES]),
                choices=choices,
                initial=meaning[0].heading_of(meaning[1]) if meaning else "",
                required=False,
            )

    @property
    def unknown(self) -> list:
        """The fields of columns that are kept aside."""
        return [field for field in self if not field.value()]

    @property
    def known(self) -> list:
        return [field for field in self if field.value()]

    def clean(self) -> dict:
        cleaned = super().clean()
        self.mapping = {sheet["kind"]: {} for sheet in self.job.sheets if sheet["kind"]}
        for name, (kind, heading) in self.places.items():
            if cleaned.get(name) != importer_class(kind).column_of(heading):
                self.mapping[kind][heading] = cleaned.get(name, "")
        for sheet in self.job.sheets:
            if sheet["kind"]:
                mapping = self.mapping[sheet["kind"]]
                importer_class(sheet["kind"]).recognise(sheet["headings"], mapping)
        return cleaned


def columns_to_choose(importer, meanings) -> list[tuple]:
    """All columns of a list, those of numbered lines up to one more than the file has."""
    most = {}
    for column, number in filter(None, meanings):
        if number:
            most[column.group] = max(most.get(column.group, 1), number)
    choices = [("", "à garder de côté, avec la fiche")]
    for column in importer.columns:
        if column.is_numbered:
            kind = next(lines for lines in importer.lines if lines.group == column.group)
            last = max(kind.shown, most.get(column.group, 0)) + 1
            numbers = range(1, last + 1)
            choices += [(f"{column.heading} {number}",) * 2 for number in numbers]
        else:
            choices.append((column.heading, column.heading))
    return choices


def question_name(key) -> str:
    """The name of a question’s field, whatever questions are asked beside it."""
    return f"q{sha256(key.encode()).hexdigest()[:16]}"


class AnswersForm(forms.Form):
    """One choice for each question; what has no answer stays out."""

    all_new = forms.BooleanField(
        label="Tous les noms sans réponse sont de nouveaux partenaires", required=False
    )
    all_aside = forms.BooleanField(
        label="Tous les mots sans réponse restent de côté, avec la fiche", required=False
    )
    # What answers all questions of a kind at once.
    FOR_ALL = {"all_new": (WHO, NEW), "all_aside": (WORD, ASIDE)}

    def __init__(self, *args, job, **kwargs):
        super().__init__(*args, **kwargs)
        self.job = job
        # A page that waited in another tab answers the questions that it shows.
        self.keys = {question_name(key): key for key in job.questions}
        for name, (start, _) in self.FOR_ALL.items():
            if not any(key.startswith(start) for key in job.questions):
                del self.fields[name]
        for name, key in self.keys.items():
            question = job.questions[key]
            choices = [tuple(choice) for choice in question["choices"]]
            answer, rows = job.answers.get(key), question["rows"]
            is_word = key.startswith(WORD)
            if key.startswith(WHO):
                choices += self.chosen(answer, choices)
                self.fields[f"{name}-autre"] = forms.CharField(
                    label=f"{question['text']} : un autre partenaire du registre",
                    max_length=200,
                    required=False,
                )
            self.fields[name] = forms.ChoiceField(
                label=question["text"],
                help_text=f"{rows} ligne{'s' if rows > 1 else ''}" if rows else "répondu",
                choices=[
                    *([("", "–")] if is_word else []),
                    *choices,
                    *([] if is_word else [(NEW, NEW_LABELS[key.startswith(WHO)])]),
                    *([(ASIDE, "ce mot, à garder de côté avec la fiche")] if is_word else []),
                    (LEAVE, "ces lignes, à ne pas importer" if rows > 1 else LEFT),
                ],
                initial=answer,
                widget=forms.Select if is_word else forms.RadioSelect,
                required=False,
            )

    def chosen(self, answer, choices) -> list[tuple]:
        """The partner that was searched for and chosen, where it was not proposed."""
        if not answer or answer in (NEW, LEAVE, *dict(choices)):
            return []
        partner = Partner.objects.linkable_by(self.job.user).filter(slug=answer).first()
        return [(answer, partner.told_apart)] if partner else []

    @property
    def groups(self) -> list[tuple]:
        """[(title, [(field of a choice, field of the search or None), …], field for all or None), …]."""
        groups = []
        for start, title in TITLES.items():
            fields = [
                (self[name], self[other] if (other := f"{name}-autre") in self.fields else None)
                for name, key in self.keys.items()
                if key.startswith(start)
            ]
            for_all = [
                self[name] for name, (of, _) in self.FOR_ALL.items() if of == start and fields
            ]
            if fields:
                groups.append((title, fields, *(for_all or [None])))
        return groups

    def clean(self) -> dict:
        cleaned = super().clean()
        for name in self.keys:
            if text := cleaned.get(f"{name}-autre"):
                found = self.searched(name, text)
                cleaned[name] = found.slug if found else ""
        return cleaned

    def searched(self, name, text) -> Partner | None:
        """The one partner that a person typed; an error that names those it may be otherwise."""
        mine = Partner.objects.linkable_by(self.job.user)
        named = PartnerMatcher(mine).named(text)
        if len(named) == 1:
            return mine.get(pk=next(iter(named)))
        near = (
            mine.filter(pk__in=named)
            if named
            else mine.filter(search_text__contains=fold(text)).nearest(text)
        )
        told = " ; ".join(partner.told_apart for partner in near[:5])
        message = f"Précisez « {text} » : {told}." if told else f"Aucun partenaire « {text} »."
        self.add_error(f"{name}-autre", message)
        return None

    @property
    def answers(self) -> dict:
        """{key: answer} of the questions that were answered."""
        answers = {key: self.cleaned_data.get(name) for name, key in self.keys.items()}
        for name, (start, answer) in self.FOR_ALL.items():
            if self.cleaned_data.get(name):
                left = [key for key, said in answers.items() if key.startswith(start) and not said]
                answers |= dict.fromkeys(left, answer)
        return {key: answer for key, answer in answers.items() if answer}
