"""Writes of programs, through the forms, rules and gates of people.

A record is written by a form like that of the entry pages, made of what a program sent: the fields of
the form, links by the stable names of what they lead to. What is locked, stale, or not theirs is
refused as it is there, and the history tells who did it, by which token.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import ProtectedError, QuerySet
from django.forms.models import ModelChoiceField, ModelMultipleChoiceField, modelform_factory
from django.utils.datastructures import MultiValueDict
from rest_framework.exceptions import NotFound, PermissionDenied

from cooperation.entry.forms import RecordForm, is_correction
from cooperation.entry.workflow import STEPS, carry_out
from cooperation.records.gates import RecordQuerySet, is_editable_by
from cooperation.records.history import changes_since
from cooperation.rest.problems import (
    MOST_ALLOWED,
    EntryError,
    FieldError,
    MissingVersionError,
    StaleError,
    unread,
)
from cooperation.rest.serializers import gate

REASON = "reason"
# Begins the name by which a batch calls what it has just made.
LOCAL = "#"


@dataclass(frozen=True)
class Writable:
    """Which fields of a model programs write, and by which form; `whole` only as it is made."""

    fields: tuple[str, ...]
    whole: tuple[str, ...] = ()
    form: type[RecordForm] = RecordForm
    # Of a line that people write in the form of its convention, which asks why.
    asks_why: bool = False
    # (record, by): what a new one holds that its author does not say.
    prepare: Callable = lambda record, by: None
    # (record, by, is_new): what follows from an entry.
    settle: Callable = lambda record, by, is_new: None


def entered(model, *, without=()) -> tuple[str, ...]:
    """Names of all that the form of a record takes, for `Writable.fields`: values, then links."""
    linked = [
        field.name
        for field in model._meta.get_fields()
        if field.concrete
        and field.editable
        and field.remote_field
        and (not field.many_to_many or field.remote_field.through._meta.auto_created)
    ]
    names = [*(name for name in model.entered_fields() if name != "source"), *linked, "source"]
    return tuple(name for name in names if name not in without)


USED_ELSEWHERE = "D’autres fiches s’y rattachent : supprimez-les d’abord, ou détachez-les."
REASON_FIELD = forms.CharField(max_length=RecordForm.base_fields[REASON].max_length, required=False)


def name_field(model) -> str:
    """The field by which programs name a record."""
    return getattr(model, "address_field", model._meta.pk.name)


def link_field(user) -> Callable:
    """Makes the form field of a model field; of a link, one that takes stable names."""

    def make(field, **kwargs):
        if field.remote_field:
            related = field.remote_field.model
            choices = related._default_manager.all()
            gated = isinstance(choices, RecordQuerySet)
            kwargs["queryset"] = choices.linkable_by(user) if gated else choices
            kwargs["to_field_name"] = name_field(related)
        if isinstance(field, models.URLField):
            kwargs["assume_scheme"] = "https"
        return field.formfield(**kwargs)

    return make


class Writer:
    """Writes records as one person; the caller holds the transaction."""

    def __init__(self, user):
        self.user = user
        # {local name of a batch: stable name of what was made}; None where it could not be.
        self.made = {}
        self.kinds = {}

    def create(self, model, writable, body) -> models.Model:
        self.require("add", model)
        return self.write(model, writable, None, body)

    def change(self, model, writable, key, body, version) -> models.Model:
        record = self.find(model, key)
        self.require("change", model)
        if not is_editable_by(self.user, record):
            raise PermissionDenied
        refuse_unknown(body, {*writable.fields, REASON})
        self.refuse_stale(record, version)
        return self.write(model, writable, record, body)

    def delete(self, model, key, version) -> None:
        """A draft, or a line of one, by the rules of the entry pages."""
        record = self.find(model, key)
        self.require("delete", model)
        if not is_editable_by(self.user, record):
            raise PermissionDenied
        self.refuse_stale(record, version)
        if record.may_be_deleted and not record.may_be_deleted_by(self.user):
            raise PermissionDenied
        try:
            record.delete()
        except ValidationError as error:
            raise EntryError([FieldError("", text) for text in error.messages]) from error
        except ProtectedError as error:
            raise EntryError([FieldError("", USED_ELSEWHERE)]) from error

    def take_step(self, model, key, body, version) -> models.Model:
        """A step of the workflow: {"step": "soumettre", "reason": "…"}."""
        record = self.find(model, key)
        refuse_unknown(body, {"step", REASON})
        step = STEPS.get(body.get("step")) if isinstance(body.get("step"), str) else None
        if step is None:
            message = "Ce n’est pas une étape."
            raise EntryError([FieldError("step", message, "invalid_choice", list(STEPS))])
        if not (self.user.has_perm(step.permission) and is_editable_by(self.user, record)):
            raise PermissionDenied
        self.refuse_stale(record, version)
        reason = self.reason(body)
        try:
            carry_out(step, record, by=self.user, reason=reason, version=version)
        except ValidationError as error:
            raise EntryError([FieldError("", text) for text in error.messages]) from error
        return record

    def reason(self, body) -> str:
        """What is said of a change, where it needs saying or not: it stays in the history."""
        try:
            return REASON_FIELD.clean(self.one(body.get(REASON)))
        except ValidationError as error:
            raise EntryError([FieldError(REASON, text) for text in error.messages]) from error

    def find(self, model, key) -> models.Model:
        named = {name_field(model): self.resolved(key)}
        record = model._default_manager.visible_to(self.user).filter(**named).first()
        if record is None:
            raise NotFound
        return record

    def require(self, verb, model) -> None:
        if not self.user.has_perm(f"{model._meta.app_label}.{verb}_{model._meta.model_name}"):
            raise PermissionDenied

    def refuse_stale(self, record, version) -> None:
        """StaleError, which says what changed, where the program has not read the last version."""
        if version is None:
            raise MissingVersionError
        current = type(record)._base_manager.select_for_update().get(pk=record.pk)
        if version != current.version:
            changes = changes_since(current, version, self.user)[0]
            raise StaleError(
                [
                    FieldError(c.name, f"{c.label} : « {c.old} » est devenu « {c.new} ».", "stale")
                    for c in changes
                ]
                or [FieldError("version", f"La version est {current.version}.", "stale")]
            )

    def write(self, model, writable, record, body) -> models.Model:
        names = writable.fields if record else writable.whole + writable.fields
        asks_why = writable.asks_why or model.corrected_with_reason
        refuse_unknown(body, {*names, REASON} if asks_why else names)
        given = self.reason(body)
        kind = self.kind(model, writable.form, names)
        kind.is_correction = asks_why and is_correction(model, record, self.user)
        held = self.held(kind, record) if record else {}
        before = {name: getattr(record, name) for name in plain_fields(kind)} if record else {}
        form = kind(self.data(kind, record, body, held), instance=record)
        if record:
            form.initial |= {
                name: initial(kind.base_fields[name], value) for name, value in held.items()
            }
        if not form.is_valid():
            raise EntryError(list(field_errors(form)))
        self.refuse_hidden(form, body)
        saved = form.save(commit=False)
        for name in before.keys() - body.keys():
            # A form tidies every text: what was not sent stays as it is.
            setattr(saved, name, before[name])
        saved._change_reason = form.cleaned_data.get(REASON) or given
        if record is None:
            writable.prepare(saved, self.user)
        if record is None or any(name in body for name in form.changed_data):
            saved.save()
        for name in {field.name for field in model._meta.many_to_many} & body.keys():
            self.link(saved, name, form.cleaned_data[name])
        writable.settle(saved, self.user, record is None)
        saved.refresh_from_db()
        return saved

    def refuse_hidden(self, form, body) -> None:
        """What is linked already stays a choice of the form; a hidden name is none for a program."""
        for name in body.keys() & form.cleaned_data.keys():
            field = form.base_fields.get(name)
            if isinstance(field, ModelChoiceField) and form.cleaned_data[name]:
                chosen = form.cleaned_data[name]
                keys = {chosen.pk} if not hasattr(chosen, "values_list") else set(pks(chosen))
                known = set(pks(field.queryset.filter(pk__in=keys)))
                known |= set(pks(gate(field.queryset.model, self.user).filter(pk__in=keys)))
                if keys - known:
                    message = "Ce nom n’est pas de ceux que vous pouvez relier."
                    raise EntryError([FieldError(name, message, "invalid_choice")])

    def link(self, record, name, chosen) -> None:
        """What the person does not see stays linked: they could not have sent it."""
        manager = getattr(record, name)
        hidden = set(pks(manager.all())) - set(pks(gate(manager.model, self.user)))
        record._change_reason = getattr(record, "_change_reason", "")
        manager.set({*pks(chosen), *hidden})

    def kind(self, model, form, names) -> type[forms.ModelForm]:
        """The form of a model for this person; making it takes longer than filling it in."""
        if (model, names) not in self.kinds:
            kind = modelform_factory(
                model, form=form, fields=names, formfield_callback=link_field(self.user)
            )
            kind.user = self.user
            self.kinds[model, names] = kind
        return self.kinds[model, names]

    def data(self, kind, record, body, held) -> MultiValueDict:
        """What the form is given: what the record holds, then what the program says."""
        data, errors = MultiValueDict(), []
        for name, field in kind.base_fields.items():
            if name in body:
                try:
                    value = self.typed(field, body[name])
                    if value == "" and isinstance(field, ModelChoiceField):
                        value = held[name] if self.hides(record, name) else value
                except ValidationError as error:
                    errors += [FieldError(name, text, "invalid") for text in error.messages]
                    continue
            else:
                value = held.get(name, initial_of(kind, name))
            data.setlist(name, value if isinstance(value, list) else [value])
        if errors:
            raise EntryError(errors)
        if record:
            data["opened_version"] = str(record.version)
        return data

    def hides(self, record, name) -> bool:
        """Whether a record names something that the person reads as null."""
        linked = record and getattr(record, name)
        return bool(linked) and not gate(type(linked), self.user).filter(pk=linked.pk).exists()

    def held(self, kind, record) -> dict:
        """{name: value as a program writes it} of the fields of a form."""
        return {
            name: written(record, name)
            for name in kind.base_fields
            if name not in ("opened_version", REASON)
        }

    def typed(self, field, value) -> str | list[str]:
        """A value of JSON as a form takes it; ValidationError for one of another kind."""
        if isinstance(field, ModelMultipleChoiceField):
            if not isinstance(value, list):
                raise ValidationError("Donnez une liste d’identifiants.")
            return [self.named(field, self.one(one)) for one in value]
        if isinstance(field, forms.BooleanField):
            if not isinstance(value, bool):
                raise ValidationError("Écrivez true ou false.")
            return str(value)
        text = self.one(value)
        return self.named(field, text) if isinstance(field, ModelChoiceField) else text

    def named(self, field, text) -> str:
        """A stable name; a number is one that a database can hold."""
        name = self.resolved(text)
        key = field.queryset.model._meta.get_field(field.to_field_name)
        if name and isinstance(key, models.IntegerField) and not re.fullmatch(r"[0-9]{1,9}", name):
            raise ValidationError(f"« {name[:80]} » n’est pas un numéro.")
        return name

    def one(self, value) -> str:
        if value is None:
            return ""
        if isinstance(value, bool | float | list | dict):
            raise ValidationError("Écrivez un texte ; un nombre décimal aussi, entre guillemets.")
        return str(value)

    def resolved(self, name) -> str:
        """The stable name of what a batch calls by a name of its own."""
        if not name.startswith(LOCAL):
            return name
        if self.made.get(name) is None:
            raise ValidationError(
                f"« {name[:80]} » ne désigne rien de ce lot avant cette opération."
            )
        return self.made[name]


def refuse_unknown(body, names) -> None:
    if not isinstance(body, dict):
        raise EntryError([FieldError("", "Envoyez un objet JSON.", "invalid")])
    errors = [
        FieldError(name[:80], "Ce champ ne s’écrit pas ici.", "unknown", sorted(names))
        for name in sorted(set(body) - set(names))
    ]
    if errors:
        raise EntryError(errors[:10])


def pks(records) -> QuerySet:
    return records.order_by().values_list("pk", flat=True)


def plain_fields(kind) -> set[str]:
    """Names of the fields of a form that the record itself holds."""
    concrete = {field.name for field in kind._meta.model._meta.concrete_fields}
    return concrete & kind.base_fields.keys()


def initial(field, text) -> object:
    """What a held value is compared with: what the form would make of it."""
    if isinstance(field, ModelChoiceField):
        return text or None
    return field.to_python(text) if text else None


def written(record, name) -> str | list[str]:
    field = record._meta.get_field(name)
    if field.many_to_many:
        key = name_field(field.remote_field.model)
        return [str(value) for value in getattr(record, name).values_list(key, flat=True)]
    value = getattr(record, name)
    if field.remote_field and value is not None:
        value = getattr(value, name_field(field.remote_field.model))
    return "" if value is None else str(value)


def initial_of(kind, name) -> str | list[str]:
    """What a form begins with, where a program says nothing."""
    if name in kind.declared_fields:
        return ""
    default = kind._meta.model._meta.get_field(name)
    if isinstance(default, models.ManyToManyField):
        return []
    value = default.get_default() if default.has_default() else ""
    return "" if value is None else str(value)


def field_errors(form) -> Iterator:
    for name, errors in form.errors.as_data().items():
        for error in errors:
            field = form.fields.get(name)
            allowed = []
            if isinstance(field, forms.ChoiceField) and not isinstance(field, ModelChoiceField):
                allowed = [str(value) for value, _ in field.choices if value]
            elif error.code in ("invalid_choice", "invalid_pk_value"):
                allowed = few_names(form, name)
            for message in error.messages:
                field_name = "" if name == "__all__" else name
                yield FieldError(field_name, *unread(field, message, error.code), allowed)


def few_names(form, name) -> list[str]:
    """The stable names that a link may give, where they are few enough to tell."""
    field = form.base_fields[name]
    names = field.queryset.order_by().values_list(field.to_field_name, flat=True)
    found = list(names[: MOST_ALLOWED + 1])
    return sorted(map(str, found)) if len(found) <= MOST_ALLOWED else []
