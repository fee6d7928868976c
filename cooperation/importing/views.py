"""The pages of an import: start, preview, answers, confirmation, result."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cooperation.importing import files, runs
from cooperation.importing.books import importer_class
from cooperation.importing.forms import AnswersForm, MappingForm, UploadForm
from cooperation.jobs import is_abandoned, present_workers, progress_of
from cooperation.lists.pages import paginate
from cooperation.lists.tables import CSV, XLSX, csv_lines
from cooperation.models import Import, ImportRow

TOO_LATE = "Cette page n’est plus à jour : la voici telle qu’elle est maintenant."


def importer_or_404(request, kind) -> type:
    """The importer of a kind of list, if this person may bring such lists in."""
    if kind not in settings.IMPORTERS:
        raise Http404
    importer = importer_class(kind)
    if not request.user.has_perms(importer.permissions):
        raise PermissionDenied
    return importer


def job_or_404(request, reference) -> Import:
    job = get_object_or_404(Import.objects.editable_by(request.user), reference=reference)
    importer_or_404(request, job.kind)
    return job


@login_required
@require_safe
def import_list(request) -> HttpResponse:
    """What was imported, and what may be."""
    kinds = [importer_class(kind) for kind in settings.IMPORTERS]
    allowed = [kind for kind in kinds if request.user.has_perms(kind.permissions)]
    if not allowed:
        raise PermissionDenied
    jobs = Import.objects.visible_to(request.user).select_related("user")
    return render(
        request, "cooperation/import_list.html", {"kinds": allowed, "page": paginate(request, jobs)}
    )


@login_required
@require_http_methods(["GET", "POST"])
def import_start(request, kind) -> HttpResponseBase:
    importer = importer_or_404(request, kind)
    form = UploadForm(request.POST or None, request.FILES or None, kind=kind, user=request.user)
    if form.is_valid():
        job, is_new = form.save()
        if is_new:
            runs.proceed(job)
        return redirect(job)
    context = {"importer": importer, "form": form}
    return render(request, "cooperation/import_start.html", context)


@login_required
@require_safe
def import_template(request, kind, extension) -> HttpResponse:
    importer = importer_or_404(request, kind)
    if extension not in ("xlsx", "csv"):
        raise Http404
    xlsx = extension == "xlsx"
    return HttpResponse(
        files.template_xlsx(importer) if xlsx else files.template_csv(importer),
        content_type=XLSX if xlsx else CSV,
        headers={"Content-Disposition": f'attachment; filename="modele-{kind}.{extension}"'},
    )


@login_required
@require_safe
def import_detail(request, reference) -> HttpResponseBase:
    """Progress, then the preview, then what was written: row by row."""
    return job_page(request, job_or_404(request, reference))


def job_page(request, job, form=None, mapping=None) -> HttpResponse:
    """The page of an import; a form that was filled in and refused comes back as it was."""
    shown = request.GET.get("lignes")
    rows = job.rows.filter(verdict=shown) if shown in ImportRow.Verdict.values else job.rows.all()
    context = {
        "job": job,
        "verdicts": [(v, v.label, job.counts[v]) for v in ImportRow.Verdict if job.counts.get(v)],
        "shown": shown,
        "left_out": sum(job.counts.get(verdict, 0) for verdict in ImportRow.LEFT_OUT),
        "asked": job.counts.get(ImportRow.Verdict.ASKED, 0),
        "gives_back": formats_of(job),
    }
    if job.is_busy:
        context |= {
            "progress": progress_of(job.reference),
            "has_worker": present_workers().exists(),
            "is_abandoned": is_abandoned(job.reference),
        }
    else:
        context["page"] = paginate(request, rows.select_related("job").defer("written", "cells"))
        for row in context["page"]:
            sheet = job.sheets[row.sheet]
            row.address, row.sheet_name = importer_class(sheet["kind"]).address, sheet["name"]
    if job.state == Import.State.READY:
        context["lacking"] = runs.columns_lacking(job)
        context["form"] = form or (job.questions and AnswersForm(job=job))
        if importer_class(job.kind).columns:
            context["mapping"] = mapping or MappingForm(job=job)
    return render(request, "cooperation/import_detail.html", context)


@login_required
@require_POST
def import_answer(request, reference) -> HttpResponseBase:
    job = job_or_404(request, reference)
    form = AnswersForm(request.POST, job=job)
    if not form.is_valid():
        return job_page(request, job, form=form)
    if not form.answers:
        messages.error(request, "Choisissez une réponse à l’une des questions au moins.")
    elif runs.answer(job, form.answers):
        runs.proceed(job)
    else:
        messages.error(request, TOO_LATE)
    return redirect(job)


@login_required
@require_POST
def import_columns(request, reference) -> HttpResponseBase:
    """What the person says of the columns; kept for their next files."""
    job = job_or_404(request, reference)
    mapping = MappingForm(request.POST, job=job)
    if not mapping.is_valid():
        return job_page(request, job, mapping=mapping)
    if runs.map_columns(job, mapping.mapping):
        runs.proceed(job)
    else:
        messages.error(request, TOO_LATE)
    return redirect(job)


@login_required
@require_POST
def import_confirm(request, reference) -> HttpResponseBase:
    job = job_or_404(request, reference)
    if not job.to_write:
        messages.error(request, "Rien n’est importé : aucune ligne ne change le registre.")
    elif request.POST.get("fingerprint") == job.fingerprint and runs.confirm(job, request.user):
        runs.proceed(job)
    else:
        messages.error(request, TOO_LATE)
    return redirect(job)


@login_required
@require_POST
def import_undo(request, reference) -> HttpResponseBase:
    job = job_or_404(request, reference)
    if runs.ask_undo(job, request.user):
        runs.proceed(job)
    else:
        messages.error(request, TOO_LATE)
    return redirect(job)


@login_required
@require_POST
def import_resume(request, reference) -> HttpResponseBase:
    """Take up an import on which nobody works any more."""
    job = job_or_404(request, reference)
    if job.is_busy and is_abandoned(reference):
        runs.proceed(job)
    return redirect(job)


def formats_of(job) -> tuple[str, ...]:
    """In which rows that are left out are given back: those of several sheets in a workbook."""
    read = [sheet for sheet in job.sheets if sheet["kind"]]
    return importer_class(job.kind).gives_back if len(read) == 1 else ("xlsx",)


@login_required
@require_safe
def import_refused(request, reference, extension) -> HttpResponseBase:
    """Refused rows as they came, with what is wrong: to mend and send again."""
    job = job_or_404(request, reference)
    importer = importer_class(job.kind)
    if extension not in formats_of(job):
        raise Http404
    name = f"a-corriger-{job.reference}.{extension}"
    if extension == "xlsx":
        return FileResponse(
            files.refused_xlsx(job), as_attachment=True, filename=name, content_type=XLSX
        )
    is_csv = extension == "csv"
    return StreamingHttpResponse(
        csv_lines(files.refused_rows(job)) if is_csv else importer.given_back(files.left_out(job)),
        content_type=CSV if is_csv else "application/xml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
