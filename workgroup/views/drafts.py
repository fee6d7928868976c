"""Drafts of terms of reference: written, shared, commented, answered, official."""

from itertools import groupby

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cooperation.caching import public_page
from cooperation.entry.files import deposit, keep_files
from cooperation.entry.views import step_page
from cooperation.entry.workflow import carry_out, open_steps, put_steps
from cooperation.lists.pages import paginate
from cooperation.lists.tables import XLSX
from cooperation.models import Document
from cooperation.values.text import clean_text
from workgroup.comparing import compared
from workgroup.dispositions import disposition_file
from workgroup.forms import (
    CommentForm,
    DraftForm,
    SectionForm,
    VersionForm,
    WindowForm,
)
from workgroup.life import COMMENT_STEPS, DRAFT_STEPS, tell_draft
from workgroup.models import (
    Draft,
    DraftComment,
    DraftSection,
    WorkingGroup,
    standing,
)

SHARED_MEANWHILE = (
    "Ce projet vient d’être ouvert aux remarques : son texte ne change plus. Rien n’est enregistré, "
    "copiez votre texte."
)
# Kept out of the steps that a page offers as buttons: it has a form of its own.
SHARE = "partager"


@public_page(reads=("page",))
def draft_list(request) -> HttpResponseBase:
    drafts = Draft.objects.visible_to(request.user).select_related("group", "partner")
    open_now = list(drafts.open())
    others = drafts.exclude(pk__in=[draft.pk for draft in open_now])
    context = {"open_now": open_now, "page": paginate(request, others)}
    return render(request, "workgroup/draft_list.html", context)


def readable_draft(user, reference) -> Draft:
    visible = Draft.objects.visible_to(user).select_related("group", "partner")
    return get_object_or_404(visible, reference=reference)


def editable_draft(request, reference) -> Draft:
    """Held until what is sent is written."""
    editable = Draft.objects.editable_by(request.user).select_related("group")
    if request.method == "POST":
        editable = editable.select_for_update(of=("self",))
    draft = get_object_or_404(editable, reference=reference)
    if draft.is_locked:
        raise PermissionDenied
    return draft


@public_page
def draft_detail(request, reference) -> HttpResponseBase:
    """The text, paragraph by paragraph, each with its remarks and the form for another."""
    user, draft = request.user, readable_draft(request.user, reference)
    own, version = standing(user, draft.group), draft.shared
    sections = list(version.sections.all()) if version else []
    context = {
        "draft": draft,
        "shown": version,
        "sections": sections,
        "standing": own,
        "versions": draft.versions.filter(shared_at__isnull=False),
    }
    if own.reads:
        counted = list(comments_of(draft, user).counted())
        context |= {
            "steps": [s for s in open_steps(draft, user, DRAFT_STEPS) if s.slug != SHARE],
            "may_share": own.conducts and not draft.is_open and not draft.is_locked,
            "count": draft.comments.counted().count(),
            "waiting": draft.comments.waiting().count(),
            "organisations": draft.commenting_organisations.count(),
            "general": [c for c in counted if not c.anchor],
            "speaks": own.speaks and draft.is_open,
            "kinds": DraftComment.Kind.choices,
        }
        put_beside(sections, counted)
    return render(request, "workgroup/draft_detail.html", context)


def comments_of(draft, user) -> QuerySet:
    return (
        DraftComment.objects.visible_to(user)
        .filter(draft=draft)
        .select_related("author", "partner", "draft_version", "draft")
    )


def put_beside(sections, comments) -> None:
    """Each paragraph with the remarks that quote it; those on words that are gone, with the section."""
    for section in sections:
        own = [c for c in comments if c.anchor == section.anchor]
        section.shown = section.paragraphs
        section.said = [
            (paragraph, [c for c in own if c.quoted == paragraph.text])
            for paragraph in section.shown
        ]
        texts = {paragraph.text for paragraph in section.shown}
        section.on_former = [c for c in own if c.quoted not in texts]


@login_required
@require_http_methods(["GET", "POST"])
@transaction.atomic
def draft_add(request, slug) -> HttpResponseBase:
    group = get_object_or_404(WorkingGroup.objects.conducted_by(request.user), slug=slug)
    form = DraftForm(request.POST or None, user=request.user, group=group)
    if form.is_valid():
        draft = form.save()
        draft.version_to_write()
        messages.success(request, "Le projet est en préparation : écrivez-en les sections.")
        return redirect("draft_write", draft.reference)
    context = {"form": form, "title": "Préparer un projet", "back": group}
    return render(request, "cooperation/page_form.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@transaction.atomic
def draft_edit(request, reference) -> HttpResponseBase:
    draft = editable_draft(request, reference)
    form = DraftForm(request.POST or None, instance=draft, user=request.user, group=draft.group)
    if form.is_valid():
        form.save()
        messages.success(request, "Le projet est enregistré.")
        return redirect(draft)
    context = {"form": form, "title": f"Modifier : {draft}", "back": draft}
    return render(request, "cooperation/page_form.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@transaction.atomic
def draft_write(request, reference) -> HttpResponseBase:
    """The version being prepared: its sections, or its text as a file. Members read the last shared one."""
    draft = editable_draft(request, reference)
    if draft.is_open:
        messages.error(request, "Il est ouvert aux remarques : son texte change après la clôture.")
        return redirect(draft)
    if "preparer" in request.POST:
        draft.version_to_write()
        return redirect("draft_write", reference)
    if (version := draft.prepared) is None:
        return render(request, "workgroup/draft_write.html", {"draft": draft})
    form = VersionForm(
        request.POST or None, request.FILES or None, instance=version, user=request.user
    )
    if form.is_valid():
        if found := form.cleaned_data["file"]:
            form.instance.document = deposit(
                found,
                user=request.user,
                kind=Document.Kind.OTHER,
                title=f"{draft}, {version}"[:200],
            )
        form.save()
        messages.success(request, "La version est enregistrée.")
        return redirect("draft_write", reference)
    keep_files(form)
    context = {"draft": draft, "shown": version, "form": form, "sections": version.sections.all()}
    return render(request, "workgroup/draft_write.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@transaction.atomic
def section_edit(request, reference, key="") -> HttpResponseBase:
    draft = editable_draft(request, reference)
    version = draft.prepared or draft.shared
    if version is None:
        raise PermissionDenied
    section = (
        get_object_or_404(version.sections, uid=key) if key else DraftSection(draft_version=version)
    )
    form = SectionForm(request.POST or None, instance=section, user=request.user)
    if version.shared_at and not form.is_bound:
        raise PermissionDenied
    if version.shared_at:
        form.add_error(None, SHARED_MEANWHILE)
    if form.is_valid():
        if not section.position:
            section.position = version.sections.count() + 1
        form.save()
        messages.success(request, "La section est enregistrée.")
        return redirect("draft_write", reference)
    context = {"form": form, "title": str(section) if key else "Ajouter une section", "back": draft}
    return render(request, "cooperation/page_form.html", context)


@login_required
@require_POST
@transaction.atomic
def section_move(request, reference, key) -> HttpResponseBase:
    """Up, down, or away; numbers follow."""
    version = editable_draft(request, reference).prepared
    if version is None:
        raise PermissionDenied
    sections = list(version.sections.select_for_update())
    place = next((n for n, one in enumerate(sections) if one.uid == key), None)
    if place is None:
        raise Http404
    what = request.POST.get("faire")
    if what == "oter":
        sections.pop(place).delete()
    elif what in ("monter", "descendre"):
        other = place + (1 if what == "descendre" else -1)
        if 0 <= other < len(sections):
            sections[place], sections[other] = sections[other], sections[place]
    else:
        raise Http404
    for position, section in enumerate(sections, 1):
        if section.position != position:
            section.position = position
            section.save(update_fields=["position"])
    return redirect("draft_write", reference)


@login_required
@require_http_methods(["GET", "POST"])
@transaction.atomic
def draft_share(request, reference) -> HttpResponseBase:
    """Open the window of remarks, or give it another last day: members are told either way."""
    draft = editable_draft(request, reference)
    form = WindowForm(request.POST or None, initial={"version": draft.version})
    if form.is_valid():
        draft.closes_on = form.cleaned_data["closes_on"]
        try:
            done = open_window(draft, request.user, form.cleaned_data["version"])
        except ValidationError as error:
            form.add_error(None, error)
            # Sent again, it is on the draft as it is now.
            draft.refresh_from_db()
            form.data = form.data.copy()
            form.data["version"] = draft.version
        else:
            messages.success(request, done)
            return redirect(draft)
    title = "Changer le dernier jour" if draft.is_open else "Ouvrir aux remarques"
    return render(
        request, "cooperation/page_form.html", {"form": form, "title": title, "back": draft}
    )


def open_window(draft, user, version) -> str:
    step = DRAFT_STEPS[SHARE]
    was_open = Draft.objects.get(pk=draft.pk).is_open
    if not was_open:
        return carry_out(step, draft, by=user, version=version)
    if not step.may_be_taken_by(user, draft):
        raise PermissionDenied
    if version != draft.version:
        raise ValidationError("Ce projet a changé depuis que vous l’avez lu. Relisez-le.")
    draft.save_because("Autre dernier jour pour les remarques.", user, ["closes_on"])
    tell_draft(step, draft, by=user, reason="", name="draft_shared")
    return f"Les remarques sont reçues {draft.deadline}."


def draft_step(request, reference, slug) -> HttpResponseBase:
    if slug == SHARE:
        return redirect("draft_share", reference)
    return step_page(request, slug, readable_draft(request.user, reference), steps=DRAFT_STEPS)


@login_required
@require_http_methods(["GET", "POST"])
@transaction.atomic
def comment_add(request, reference) -> HttpResponseBase:
    """A member's remark: the paragraph that it is made on is kept with it."""
    draft = readable_draft(request.user, reference)
    if request.method == "POST":
        # Held: it closes, or becomes official, before or after this remark.
        held = Draft.objects.select_for_update(of=("self",)).select_related("group")
        draft = held.get(pk=draft.pk)
    own, version = standing(request.user, draft.group), draft.shared
    if not own.speaks or version is None:
        raise PermissionDenied
    comment = DraftComment(
        draft=draft, draft_version=version, author=request.user, partner=own.partner
    )
    chosen = clean_text(request.POST.get("section", ""))
    if chosen:
        # Of the version that the person read, though another may be shared since.
        shared = DraftSection.objects.filter(draft_version__shared_at__isnull=False)
        section = get_object_or_404(shared, draft_version__draft=draft, uid=chosen)
        comment.draft_version = section.draft_version
        place = request.POST.get("paragraphe", "")
        paragraph = next((p for p in section.paragraphs if str(p.place) == place), None)
        if paragraph is None:
            raise Http404
        comment.anchor, comment.quoted, comment.clause = (
            section.anchor,
            paragraph.text,
            paragraph.number,
        )
    data = request.POST if request.method == "POST" else None
    form = CommentForm(data, instance=comment, user=request.user, draft=draft)
    if chosen:
        del form.fields["clause"]
    if request.method == "POST" and not draft.is_open:
        form.add_error(None, f"Les remarques étaient reçues {draft.deadline}. Copiez votre texte.")
    if form.is_valid():
        form.save()
        messages.success(request, "Votre remarque est envoyée : sa suite vous sera dite.")
        return redirect(f"{draft.get_absolute_url()}#{chosen or 'ensemble'}")
    context = {"form": form, "draft": draft, "comment": comment, "section": chosen}
    return render(request, "workgroup/comment_form.html", context)


@login_required
@require_safe
def draft_comments(request, reference) -> HttpResponseBase:
    """The table of remarks and of what became of each."""
    user, draft = request.user, readable_draft(request.user, reference)
    own = standing(user, draft.group)
    if not own.reads:
        raise PermissionDenied
    comments = list(comments_of(draft, user))
    put_steps(comments, user, COMMENT_STEPS)
    for comment in comments:
        comment.is_own = comment.author_id == user.pk
        comment.may_apply = own.conducts and comment.may_be_applied and comment.is_waiting
    grouped = [(clause, list(found)) for clause, found in groupby(comments, key=lambda c: c.clause)]
    context = {"draft": draft, "grouped": grouped, "count": len(comments), "standing": own}
    return render(request, "workgroup/draft_comments.html", context)


@login_required
@require_safe
def disposition_table(request, reference) -> HttpResponseBase:
    """The same as a workbook, in the columns of the ISO/CEN form."""
    draft = readable_draft(request.user, reference)
    if not standing(request.user, draft.group).reads:
        raise PermissionDenied
    file = disposition_file(draft, comments_of(draft, request.user))
    name = f"remarques-{draft.reference.lower()}-{timezone.localdate():%Y-%m-%d}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)


@login_required
@require_POST
@transaction.atomic
def comment_apply(request, key) -> HttpResponseBase:
    """Retain a remark and put its wording into the version being prepared, in one tap."""
    answerable = DraftComment.objects.answerable_by(request.user)
    comment = get_object_or_404(answerable, uid=key)
    version = request.POST.get("version", "")
    try:
        with transaction.atomic():
            carry_out(
                COMMENT_STEPS["retenir"],
                comment,
                by=request.user,
                version=int(version) if version.isdecimal() and len(version) < 10 else 0,
            )
            comment.apply()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, "Le texte proposé est dans la version en préparation.")
    return redirect(comment)


@public_page(reads=("de", "a"))
def draft_versions(request, reference) -> HttpResponseBase:
    """Two versions side by side, section by section."""
    draft = readable_draft(request.user, reference)
    own = standing(request.user, draft.group)
    versions = list(draft.versions.all())
    if not own.conducts:
        versions = [one for one in versions if one.shared_at]
    if not own.reads:
        versions = versions[-1:]
    if len(versions) < 2:
        return redirect(draft)
    by_number = {str(one.number): one for one in versions}
    former = by_number.get(request.GET.get("de", str(versions[-2].number)))
    latter = by_number.get(request.GET.get("a", str(versions[-1].number)))
    if former is None or latter is None:
        raise Http404
    context = {
        "draft": draft,
        "versions": versions,
        "former": former,
        "latter": latter,
        "sections": compared(former, latter),
        "address": reverse("draft_versions", args=[reference]),
    }
    return render(request, "workgroup/draft_versions.html", context)
