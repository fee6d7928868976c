"""The import of a file from the command line, whatever the list."""

from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import pluralize

from cooperation.importing import runs
from cooperation.importing.books import importer_class, read_table
from cooperation.importing.matching import ASIDE, LEAVE, NEW
from cooperation.models import Import, ImportRow, User

Verdict = ImportRow.Verdict


class ImportCommand(BaseCommand):
    # The importer, by its name in settings.IMPORTERS; "" where the command line names it.
    kind = ""

    def add_arguments(self, parser) -> None:
        if not self.kind:
            parser.add_argument("kind", choices=settings.IMPORTERS, help="what the list holds")
        parser.add_argument("file", type=Path, help="what the page of such imports takes too")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, only")
        parser.add_argument("--by", help="username for whom it is done (default: every right)")
        parser.add_argument("--reason", default="", help="why, kept in the history of each record")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="HEADING=COLUMN",
            help="which column of the registry one of the file is; HEADING= keeps it aside",
        )
        parser.add_argument(
            "--answer",
            action="append",
            default=[],
            metavar="NAME=SLUG",
            help="which partner a doubtful name means; NAME=+ makes a new one, NAME=- leaves it out, WORD=~ keeps it aside",
        )

    def handle(self, *, file, dry_run, by, reason, column, answer, **options) -> None:
        kind = self.kind or options["kind"]
        user = User.objects.filter(username=by).first() if by else User(is_superuser=True)
        if user is None:
            raise CommandError(f"Aucun compte ne s’appelle « {by} ».")
        importer = importer_class(kind)
        if not user.has_perms(importer.permissions):
            raise CommandError(f"{user} ne peut pas importer de {importer.label}.")
        try:
            with file.open("rb") as content:
                table = read_table(File(content, file.name), kind, user)
                job = runs.receive(table, user=user, reason=reason)
                job.mapping = self.mapping(job, column)
                job.save()
        except OSError as error:
            raise CommandError(f"{file} : {error.strerror}") from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.carry_on(job)
        if answer:
            runs.answer(job, self.answers(job, answer))
            self.carry_on(job)
        self.tell(job)
        if dry_run:
            job.delete()
            self.stdout.write("Essai seulement : rien n’est écrit.")
        elif not job.to_write:
            self.stdout.write("Rien n’est importé : aucune ligne ne change le registre.")
        else:
            self.write(job, user)

    def mapping(self, job, given) -> dict:
        """--column "Ville=Partie 1" for each sheet that has such a heading."""
        mapping = {sheet["kind"]: {} for sheet in job.sheets if sheet["kind"]}
        for text in given:
            heading, _, column = text.rpartition("=")
            sheets = [s for s in job.sheets if s["kind"] and heading in s["headings"]]
            if not sheets:
                raise CommandError(f"« {heading} » n’est le titre d’aucune colonne de ce fichier.")
            for sheet in sheets:
                importer = importer_class(sheet["kind"])
                if column and not importer.column_of(column):
                    raise CommandError(f"« {column} » n’est aucune colonne du registre.")
                mapping[sheet["kind"]][heading] = column
        for sheet in job.sheets:
            if sheet["kind"]:
                importer = importer_class(sheet["kind"])
                importer.recognise(sheet["headings"], mapping[sheet["kind"]])
        return mapping

    def carry_on(self, job) -> None:
        self.stdout.write(f"{job.get_state_display()}…")
        runs.carry_on.call(job.reference)
        job.refresh_from_db()
        if job.failure:
            raise CommandError(job.failure)
        if lacking := runs.columns_lacking(job):
            job.delete()
            raise CommandError(
                f"Aucune colonne n’est {' ou '.join(f'« {one} »' for one in lacking)} : désignez-la "
                "par --column."
            )

    def answers(self, job, given) -> dict:
        """--answer "Pobé=pobe" as the answer to the question that asks about « Pobé »."""
        found = {}
        for text in given:
            name, _, chosen = text.rpartition("=")
            for key, question in job.questions.items():
                choices = {value for value, _ in question["choices"]} | {NEW, LEAVE, ASIDE}
                if question["text"] == name and chosen in choices:
                    found[key] = chosen
                    break
            else:
                raise CommandError(f"« {text} » ne répond à aucune question de ce fichier.")
        return found

    def tell(self, job) -> None:
        for row in job.rows.exclude(verdict=Verdict.SAME).iterator():
            self.stdout.write(f"ligne {row.line} : {row.get_verdict_display()} – {row.title}")
            for label, old, new in row.changes if row.verdict == Verdict.UPDATED else ():
                self.stdout.write(f"    {label} : {old or 'vide'} → {new}")
            if row.verdict in ImportRow.LEFT_OUT:
                self.stdout.write(f"    {row.trouble}")
        for question in job.questions.values():
            choices = ", ".join(f"{value} ({meaning})" for value, meaning in question["choices"])
            self.stdout.write(
                f"Question : « {question['text']} » ? {choices or 'aucun nom proche'}"
            )
        counts = ", ".join(f"{Verdict(v).label} : {count}" for v, count in job.counts.items())
        self.stdout.write(f"{job.total} ligne{pluralize(job.total)} ({counts}).")

    def write(self, job, user) -> None:
        runs.confirm(job, user)
        job.refresh_from_db()
        self.carry_on(job)
        if job.state != Import.State.WRITTEN:
            raise CommandError(job.notice)
        self.stdout.write(
            f"Écrit : {job.to_write} ligne{pluralize(job.to_write)} (import {job.reference})."
        )
