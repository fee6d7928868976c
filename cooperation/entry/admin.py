"""Entry pages: people see the records they may edit or name, and link to no others."""

import logging
from collections.abc import Iterator

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.db.models import QuerySet
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html

from cooperation.entry.files import keep_files
from cooperation.entry.forms import (
    LinkSelect,
    LinkSelectMultiple,
    LinksField,
    RecordForm,
    RecordFormSet,
    is_correction,
)
from cooperation.entry.wording import Worded, WordedLines
from cooperation.entry.workflow import STEPS, carry_out
from cooperation.records.base import PublishedRecord
from cooperation.records.gates import RecordQuerySet, Status
from cooperation.roles import CORRECT

logger = logging.getLogger(__name__)


STATE_NOTES = {
    Status.DRAFT: "Brouillon : votre organisation, les membres du sous-groupe et le secrétariat le "
    "voient, pas le public.",
    Status.RETURNED: "Renvoyé par le secrétariat : lisez le motif sur sa page, corrigez, puis "
    "soumettez à nouveau.",
    Status.SUBMITTED: "Soumis : le secrétariat le vérifie. Pour le modifier, reprenez-le depuis sa "
    "page.",
    Status.PUBLISHED: "Publié : tout le monde le voit, et vos changements aussi, dès que vous "
    "enregistrez.",
    Status.WITHDRAWN: "Retiré de la publication par le secrétariat.",
    Status.MERGED: "Fusionné avec une autre fiche : celle-ci ne sert plus.",
}


CONTRADICTION = (
    "Ce formulaire contredit ce que le registre contient déjà : rien n’est enregistré. Voici ce que "
    "vous avez tapé ; vérifiez les numéros et les références, puis enregistrez de nouveau."
)


SAVED = "C’est enregistré."

GREYED = "Ce qui est grisé ne se change plus ici. {}"


def may_change_terms(request, record) -> bool:
    """Whether the person may still change the terms of the record, which may be a new one."""
    return record is None or not record.is_locked or request.user.has_perm(CORRECT)


def error_summary(form, inlines) -> list[tuple]:
    """[(where, its field’s id or "", message), …] of all that is wrong in a form and its lines."""
    found = list(errors_of(form))
    for inline in inlines:
        kind = inline.opts.verbose_name
        found += [
            (inline.opts.verbose_name_plural, "", m) for m in inline.formset.non_form_errors()
        ]
        for number, line in enumerate(inline.formset.forms, 1):
            found += errors_of(line, f"{kind} {number}")
    return [(where[:1].upper() + where[1:], target, message) for where, target, message in found]


def sections(form, inlines) -> list[tuple]:
    """[(title, its id, how many of its fields or lines are filled in, is it of lines), …]."""
    found = []
    for number, fieldset in enumerate(form):
        if fieldset.name:
            names = flatten_fieldsets([(None, {"fields": fieldset.fields})])
            values = [form.form[name].value() for name in names if name in form.form.fields]
            count = sum(value not in (None, "", [], False) for value in values)
            found.append((fieldset.name, f"fieldset-0-{number}-heading", count, False))
    for inline in inlines:
        title, prefix = inline.opts.verbose_name_plural, inline.formset.prefix
        lines = inline.formset.initial_forms
        entered = [line for line in inline.formset.extra_forms if line.has_changed()]
        count = len(lines) + len(entered)
        found.append((title[:1].upper() + title[1:], f"{prefix}-heading", count, True))
    return found


def errors_of(form, line="") -> Iterator[tuple]:
    for name, said in form.errors.items():
        field = form[name] if name in form.fields else None
        label = (
            field.label[:1].lower() + field.label[1:] if field and line else field and field.label
        )
        where = ", ".join(filter(None, [line, label]))
        # What is wrong with a whole line leads to its first field.
        target = field or (next(iter(form.visible_fields()), None) if line else None)
        for message in said:
            yield where, target.id_for_label if target else "", message


class LinkGate:
    """Narrows what may be chosen to what the person may link to."""

    formfield_overrides = {
        models.TextField: {"widget": admin.widgets.AdminTextareaWidget({"rows": 3})},
        models.URLField: {"assume_scheme": "https"},
    }

    def formfield_for_dbfield(self, db_field, request, **kwargs) -> forms.Field | None:
        """Another record is chosen or added from here; it is changed on its own page."""
        if isinstance(db_field, models.DecimalField):
            kwargs["localize"] = True  # « 9,337 » as people type it
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "phone":
            field.widget.input_type = "tel"
        if isinstance(field and field.widget, admin.widgets.RelatedFieldWidgetWrapper):
            field.widget.can_change_related = field.widget.can_delete_related = False
            field.widget.can_view_related = False
        return field

    def formfield_for_foreignkey(
        self, db_field, request, **kwargs
    ) -> forms.ModelChoiceField | None:
        kwargs = self.narrowed(db_field, request, kwargs, LinkSelect)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs) -> LinksField:
        kwargs = self.narrowed(db_field, request, kwargs, LinkSelectMultiple)
        kwargs["form_class"] = LinksField
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def narrowed(self, db_field, request, kwargs, widget) -> dict:
        choices = db_field.related_model._default_manager.all()
        if isinstance(choices, RecordQuerySet):
            kwargs["queryset"] = choices.linkable_by(request.user)
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = widget(db_field, self.admin_site)
        return kwargs


class RecordAdmin(Worded, LinkGate, admin.ModelAdmin):
    form = RecordForm
    list_per_page = 50
    # What searches the list, and the path from a row to the key of what it finds.
    index = None
    index_path = "pk"
    # What a draft's page says of how it becomes public.
    way_to_publication = ""

    def get_queryset(self, request) -> QuerySet:
        """What the person may edit; for the lists of choices, what they may link to."""
        records = super().get_queryset(request)
        if request.resolver_match.url_name == "autocomplete":
            return records.linkable_by(request.user)
        return records.editable_by(request.user)

    def lookup_allowed(self, lookup, value, request) -> bool:
        """Only the filters that the list shows: any other would answer questions about others."""
        return lookup.removesuffix("__exact") in self.get_list_filter(request)

    def get_changeform_initial_data(self, request) -> dict:
        """Nothing is prefilled from the address."""
        return {}

    def view_on_site(self, obj) -> str | None:
        return obj.get_absolute_url() if hasattr(obj, "get_absolute_url") else None

    def history_view(self, request, object_id, extra_context=None) -> HttpResponseBase:
        """The history is on the record's own page."""
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        owner = self.history_of(record)
        if not isinstance(owner, PublishedRecord):
            return super().history_view(request, object_id, extra_context)
        return redirect(f"{owner._meta.model_name}_history", getattr(owner, owner.address_field))

    def save_related(self, request, form, formsets, change) -> None:
        super().save_related(request, form, formsets, change)
        form.deposit_links(request.user)
        form.instance.settle(by=request.user)

    def history_of(self, record) -> models.Model:
        """The record whose page tells what happened to this one."""
        return record

    def corrects(self, request, obj) -> bool:
        return self.model.corrected_with_reason and is_correction(self.model, obj, request.user)

    def get_form(self, request, obj=None, change=False, **kwargs) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.user = request.user
        form.is_correction = self.corrects(request, obj)
        form.refused = getattr(request, "refused", "")
        return form

    def get_fieldsets(self, request, obj=None) -> list[tuple]:
        """The version that the page was opened on travels with every form."""
        first, *others = self.complete(super().get_fieldsets(request, obj))
        if not may_change_terms(request, obj):
            first = (first[0], first[1] | {"description": GREYED.format(self.model.why_locked())})
        extra = ["reason"] if self.corrects(request, obj) else []
        return [first, *others, (None, {"fields": [*extra, "opened_version"]})]

    def complete(self, fieldsets) -> list[tuple]:
        """A field that is new to the model joins the last group: nobody has to think of it."""
        *before, (title, options) = fieldsets
        shown = flatten_fieldsets(fieldsets)
        new = [name for name in self.model.entered_fields() if name not in shown]
        return [*before, (title, options | {"fields": [*options["fields"], *new]})]

    def has_change_permission(self, request, obj=None) -> bool:
        if not super().has_change_permission(request, obj):
            return False
        editable = self.model._default_manager.editable_by(request.user)
        return obj is None or editable.filter(pk=obj.pk).exists()

    def has_delete_permission(self, request, obj=None) -> bool:
        if not super().has_delete_permission(request, obj):
            return False
        return obj is None or (
            self.has_change_permission(request, obj) and obj.may_be_deleted_by(request.user)
        )

    def get_search_results(self, request, queryset, search_term) -> tuple:
        """Words in any order, without accents, by the engine of the public pages."""
        if self.index is None:
            return queryset.search(search_term), False
        return self.index.found_in(queryset, search_term, self.index_path), False

    def render_change_form(self, request, context, *args, obj=None, **kwargs) -> HttpResponseBase:
        """Above the form: where the record stands, and all that is wrong, each error leading to its field."""
        form, inlines = context["adminform"].form, context["inline_admin_formsets"]
        context["error_summary"] = error_summary(form, inlines)
        for one in [form, *(line for inline in inlines for line in inline.formset.forms)]:
            keep_files(one)
        # Said by the summary alone.
        context["errors"] = None
        context["state_note"] = self.state_note(obj)
        context["sections"] = sections(context["adminform"], inlines)
        context["missing"] = self.missing(obj) if obj and not context["error_summary"] else []
        context["may_submit"] = self.may_submit(request, obj)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def missing(self, obj) -> list[tuple]:
        """[(what is still to be said of the record, its field’s id), …], where its kind tells."""
        return []

    def state_note(self, obj) -> str:
        if not issubclass(self.model, PublishedRecord):
            return ""
        status = obj.status if obj else Status.DRAFT
        note = STATE_NOTES[status]
        return f"{note} {self.way_to_publication}" if status == Status.DRAFT else note

    def save_model(self, request, obj, form, change) -> None:
        obj._change_reason = form.cleaned_data.get("reason", "")
        if not change or form.has_changed():
            super().save_model(request, obj, form, change)

    def may_submit(self, request, obj) -> bool:
        """Whether the form has a second button, which hands the record over at once."""
        if not issubclass(self.model, PublishedRecord):
            return False
        # A new one is of nobody's rows yet: it will be of the person's as it is saved.
        step = STEPS["soumettre"]
        return step.starts_from(obj or self.model()) and request.user.has_perm(step.permission)

    def response_add(self, request, obj, post_url_continue=None) -> HttpResponseBase:
        """A form sent twice leads to what it made the first time."""
        request.made_at = self.page_after(obj)
        if self.is_whole(request):
            return self.saved(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj) -> HttpResponseBase:
        if self.is_whole(request):
            return self.saved(request, obj)
        return super().response_change(request, obj)

    def is_whole(self, request) -> bool:
        """Whether the person is done with the form, which is no window of another one."""
        return not {"_continue", IS_POPUP_VAR}.intersection(request.POST)

    def page_after(self, obj) -> str:
        """Where one reads of what was saved: its own page, or that of what it belongs to."""
        if address := self.view_on_site(obj):
            return address
        owner = self.history_of(obj)
        if owner is not obj:
            return owner.get_absolute_url()
        meta = obj._meta
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[obj.pk])

    def saved(self, request, obj) -> HttpResponseBase:
        """To the page of the record, which says what comes next."""
        if "_submit" in request.POST and self.may_submit(request, obj):
            try:
                done = carry_out(STEPS["soumettre"], obj, by=request.user, version=obj.version)
            except ValidationError as error:
                messages.success(request, SAVED)
                messages.error(request, f"Pas encore soumise : {' '.join(error.messages)}")
            else:
                messages.success(request, done)
        else:
            messages.success(request, SAVED)
        return redirect(self.page_after(obj))

    def response_delete(self, request, obj_display, obj_id) -> HttpResponseBase:
        response = super().response_delete(request, obj_display, obj_id)
        if issubclass(self.model, PublishedRecord):
            link = '<a href="{}">Elle revient d’ici, avec ses lignes</a>.'
            address = reverse("deleted_list")
            self.message_user(
                request, format_html(f"Une fiche supprimée par erreur ? {link}", address)
            )
        return response

    def save_formset(self, request, form, formset, change) -> None:
        """The reason given for the record is that of its lines."""
        formset.save(commit=False)
        for entered in formset.forms:
            if entered.has_changed():
                entered.deposit(request.user)
        for line in [*formset.new_objects, *(line for line, _ in formset.changed_objects)]:
            line._change_reason = form.cleaned_data.get("reason", "")
            line.save()
        for line in formset.deleted_objects:
            line._change_reason = form.cleaned_data.get("reason", "")
            line.delete()
        formset.save_m2m()
        for entered in formset.forms:
            if entered.has_changed():
                entered.deposit_links(request.user)

    def changeform_view(self, request, *args, **kwargs) -> HttpResponseBase:
        """Someone may take the same number at the same moment: at the second try the form says so.

        What the database refuses twice is shown again as it was typed, and is not saved.
        """
        for _ in range(2):
            try:
                return super().changeform_view(request, *args, **kwargs)
            except IntegrityError:
                logger.exception("refused by the database")
        request.refused = CONTRADICTION
        return super().changeform_view(request, *args, **kwargs)

    def changelist_view(self, request, extra_context=None) -> HttpResponseBase:
        if request.method == "POST":
            request.POST = request.POST.copy()
            chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
            keys = [key for key in chosen if key.isdecimal() and len(key) < 19]
            request.POST.setlist(ACTION_CHECKBOX_NAME, keys)
        return super().changelist_view(request, extra_context)


class RecordInline(WordedLines, LinkGate, admin.StackedInline):
    """Lines of a record. Once it is published they may change but not go.

    Stacked, with what belongs together on one row: a phone puts the fields under one another.
    """

    form = RecordForm
    formset = RecordFormSet
    extra = 0
    show_change_link = True

    def get_formset(self, request, obj=None, **kwargs) -> type[forms.BaseInlineFormSet]:
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.user = request.user
        return formset

    def view_on_site(self, obj) -> str | None:
        return obj.get_absolute_url() if hasattr(obj, "get_absolute_url") else None

    def has_delete_permission(self, request, obj=None) -> bool:
        unlocked = obj is None or not obj.is_locked
        return super().has_delete_permission(request, obj) and unlocked


class PersonInline(RecordInline):
    """Personal data, for those who may see it; it can be erased, whatever is published."""

    def get_queryset(self, request) -> QuerySet:
        return super().get_queryset(request).visible_to(request.user)

    def has_delete_permission(self, request, obj=None) -> bool:
        return super().has_delete_permission(request)


class TermInline(RecordInline):
    """Lines that belong to the terms: once published, only the secretariat adds to them."""

    def has_add_permission(self, request, obj=None) -> bool:
        return super().has_add_permission(request, obj) and may_change_terms(request, obj)
