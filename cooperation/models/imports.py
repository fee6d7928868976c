"""Lists that are imported, row by row."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import QuerySet
from django.urls import reverse

from cooperation.models.jobs import Job, JobQuerySet
from cooperation.roles import is_secretariat


class ImportQuerySet(JobQuerySet):
    def visible_to(self, user) -> QuerySet:
        """What was read with rights that a person has no more is not shown to them."""
        found = super().visible_to(user)
        if not user.is_authenticated or is_secretariat(user):
            return found
        return found.filter(rights=rights_of(user))


def rights_of(user) -> str:
    """What decides which records a person sees and edits; "" for a command."""
    if user is None:
        return ""
    return f"{user.role} {user.partner_id} {user.is_superuser} {user.is_active}"


class Import(Job):
    """A list that somebody brings in: previewed row by row, then written or not, as a whole."""

    class State(models.TextChoices):
        ANALYSING = "analyse", "lecture en cours"
        READY = "a-confirmer", "à confirmer"
        WRITING = "ecriture", "écriture en cours"
        WRITTEN = "importe", "importé"
        UNDOING = "annulation", "annulation en cours"
        UNDONE = "annule", "annulé"
        FAILED = "echec", "échoué"

    BUSY = (State.ANALYSING, State.WRITING, State.UNDOING)

    # The importer, by its name in settings.IMPORTERS.
    kind = models.CharField("liste", max_length=20)
    filename = models.CharField("fichier", max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64)
    state = models.CharField("état", max_length=20, choices=State, default=State.ANALYSING)
    reason = models.CharField("motif", max_length=500, blank=True)
    # Of its person when it was read.
    rights = models.CharField("droits", max_length=100, blank=True)
    # [{"kind", "name", "headings", "filled": places of columns that hold something}, …], the first
    # being that of its own kind; a sheet that is not read has no kind.
    sheets = models.JSONField("feuilles", default=list)
    # Which column of the registry a heading stands for, where its person said it; "" for none:
    # {kind: {heading: heading that the registry gives it}}.
    mapping = models.JSONField("colonnes désignées", default=dict)
    # {key: {"text", "choices": [[answer, meaning], …], "rows": how many}}, and what was answered.
    questions = models.JSONField("questions", default=dict)
    answers = models.JSONField("réponses", default=dict)
    counts = models.JSONField("lignes par sort", default=dict)
    # What the preview was made on, and what it said: both are checked before writing.
    revision = models.PositiveBigIntegerField("révision", null=True)
    fingerprint = models.CharField("empreinte", max_length=64, blank=True)
    notice = models.TextField("à savoir", blank=True)
    # Who confirmed it, or took it back.
    carried_out_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="confirmé ou annulé par",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
    )
    # Partners that the answers made: {folded name: [key, version]}.
    new_partners = models.JSONField("partenaires ajoutés", default=dict)
    written_at = models.DateTimeField("écrit le", null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = "import"
        ordering = ["-created_at", "pk"]

    def __str__(self):
        return self.filename

    def get_absolute_url(self) -> str:
        return reverse("import_detail", args=[self.reference])

    @property
    def is_busy(self) -> bool:
        return self.state in self.BUSY

    @property
    def unread_sheets(self) -> list[str]:
        return [sheet["name"] for sheet in self.sheets if not sheet["kind"]]

    def written_turns(self) -> list[QuerySet]:
        """Its rows that are written, sheet by sheet, and in each those that others name first."""
        written = self.rows.filter(verdict__in=ImportRow.WRITTEN_VERDICTS)
        turns = written.order_by("sheet", "turn").values_list("sheet", "turn").distinct()
        return [written.filter(sheet=sheet, turn=turn) for sheet, turn in turns]

    @property
    def total(self) -> int:
        """How many rows it has."""
        return sum(self.counts.values())

    @property
    def to_write(self) -> int:
        return sum(self.counts.get(verdict, 0) for verdict in ImportRow.WRITTEN_VERDICTS)


class ImportRow(models.Model):
    """One line of the file, and what becomes of it."""

    class Verdict(models.TextChoices):
        UNREAD = "non-lue", "non lue"
        ADDED = "ajout", "à ajouter"
        UPDATED = "mise-a-jour", "à mettre à jour"
        SAME = "inchangee", "sans changement"
        ASKED = "question", "en attente d’une réponse"
        REFUSED = "refusee", "refusée"

    WRITTEN_VERDICTS = (Verdict.ADDED, Verdict.UPDATED)
    LEFT_OUT = (Verdict.ASKED, Verdict.REFUSED)
    # What became of a row that was written, by the state of its import.
    OUTCOMES = {
        Import.State.WRITTEN: {Verdict.ADDED: "ajoutée", Verdict.UPDATED: "mise à jour"},
        Import.State.UNDONE: {Verdict.ADDED: "retirée", Verdict.UPDATED: "rétablie"},
    }

    job = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    # In which order it is read, from 1; `line` is where it begins in the file.
    position = models.PositiveIntegerField("rang")
    # Which of the sheets of its import it stands in, from 0.
    sheet = models.PositiveSmallIntegerField("feuille", default=0)
    # In which turn it is written: after the rows that it names.
    turn = models.PositiveIntegerField("tour", default=0)
    line = models.PositiveIntegerField("ligne")
    cells = models.JSONField("cellules")
    verdict = models.CharField("sort", max_length=20, choices=Verdict, default=Verdict.UNREAD)
    title = models.CharField("intitulé", max_length=250, blank=True)
    # The reference of the record that it changes.
    target = models.CharField("fiche", max_length=80, blank=True)
    # [[label, old, new], …] and [[column, message], …], as people read them.
    changes = models.JSONField("changements", default=list)
    errors = models.JSONField("erreurs", default=list)
    # What is to be written, and what was: what undoing needs.
    values = models.JSONField("valeurs", default=dict, encoder=DjangoJSONEncoder)
    written = models.JSONField("écrit", default=dict)

    class Meta:
        verbose_name = "ligne d’import"
        ordering = ["job", "position"]
        constraints = [
            models.UniqueConstraint(fields=["job", "position"], name="importrow_unique_position"),
        ]
        indexes = [
            models.Index(fields=["job", "verdict", "position"]),
            models.Index(fields=["target"], name="importrow_target"),
        ]

    def __str__(self):
        return f"ligne {self.line}"

    @property
    def aside(self) -> dict:
        """{heading: text} of what it says and the registry has no field for."""
        return self.values.get("aside", {})

    @property
    def outcome(self) -> str:
        """What becomes of it, or became."""
        done = self.OUTCOMES.get(self.job.state, {})
        return done.get(self.verdict, self.get_verdict_display())

    @property
    def trouble(self) -> str:
        """All that keeps it from being written, in one text."""
        return " ".join(
            f"{column} : {message}" if column else message for column, message in self.errors
        )
