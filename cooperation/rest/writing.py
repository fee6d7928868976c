"""The doors by which programs write: one record, or many at once, all or nothing."""

import json
import re
from dataclasses import replace
from functools import cache
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http.response import HttpResponseBase
from django.utils.text import capfirst
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.views import APIView

from cooperation.entry.workflow import STEPS
from cooperation.journal import hold_revision
from cooperation.models import IdempotentResponse
from cooperation.records.recording import recorded_as
from cooperation.rest.problems import (
    SAID,
    ConflictError,
    ContradictionError,
    EntryError,
    FieldError,
    MissingVersionError,
    ParameterError,
    RequestError,
    reject_unknown_parameters,
)
from cooperation.rest.reading import reading_for
from cooperation.rest.resources import BoundedMixin, PublicViewSet, meanings
from cooperation.rest.schema import BATCH, IDEMPOTENCY, KEY
from cooperation.rest.serializers import RecordSerializer
from cooperation.rest.writer import LOCAL, Writer, name_field

KEY_OF_ANOTHER = "Cette clé a déjà servi à une autre demande : prenez-en une nouvelle."
# SQLite lets nobody else write meanwhile: three seconds of it, where a thousand took fifteen.
MOST_OPERATIONS = 200


class StepSerializer(serializers.Serializer):
    step = serializers.ChoiceField(
        [(step.slug, step.label) for step in STEPS.values()], help_text="L’étape à prendre."
    )
    reason = serializers.CharField(
        required=False, help_text="Le motif, là où l’étape en demande un ; il reste lisible."
    )


class OperationSerializer(serializers.Serializer):
    method = serializers.ChoiceField(
        ["POST", "PATCH"], help_text="« POST » ajoute une fiche, « PATCH » en change une."
    )
    resource = serializers.CharField(help_text="Le nom de la ressource dans son adresse.")
    id = serializers.RegexField(
        f"^{LOCAL}",
        required=False,
        help_text="Un nom pour les opérations suivantes du lot, qui commence par « # ».",
    )
    key = serializers.CharField(
        required=False, help_text="Pour « PATCH » : l’identifiant de la fiche."
    )
    version = serializers.IntegerField(
        required=False, help_text="Pour « PATCH » : la version qui a été lue."
    )
    body = serializers.DictField(help_text="Les champs, comme pour une seule fiche.")


class BatchSerializer(serializers.Serializer):
    operations = serializers.ListField(
        child=OperationSerializer(),
        min_length=1,
        max_length=MOST_OPERATIONS,
        help_text="Les écritures, dans leur ordre.",
    )


class WrittenSerializer(serializers.Serializer):
    resource = serializers.CharField(help_text="Le nom de la ressource.")
    key = serializers.CharField(help_text="L’identifiant de la fiche écrite.")
    version = serializers.IntegerField(help_text="Sa version depuis cette écriture.")


class BatchAnswerSerializer(serializers.Serializer):
    results = WrittenSerializer(many=True, help_text="Une ligne par opération, dans leur ordre.")


def version_of(request) -> int:
    """The version that If-Match gives: 7, "7", or the ETag of what was read."""
    text = request.headers.get("if-match")
    if text is None:
        raise MissingVersionError
    found = re.fullmatch(r'\s*(?:W/)?"?(\d{1,9})(?:\.[0-9a-f]{32})?"?\s*', text, re.ASCII)
    if not found:
        message = "Donnez le champ « version » de la fiche que vous avez lue."
        raise RequestError([ParameterError("If-Match", message)])
    return int(found[1])


def written_once(request, write) -> HttpResponseBase:
    """What `write()` answers, in one transaction, under the key that the request may give.

    The same key with the same request is answered as it was; with another request, refused.
    """
    # Read, and refused where it is no JSON, before anything else.
    _, key = request.data, request.headers.get(IDEMPOTENCY)
    if key is not None and not re.fullmatch(KEY, key):
        message = "Une clé compte de 1 à 100 caractères, sans espace ni accent."
        raise RequestError([ParameterError(IDEMPOTENCY, message)])
    facts = [request.method, request.get_full_path(), request.headers.get("if-match", "")]
    fingerprint = sha256(repr([*facts, request._request.body]).encode()).hexdigest()
    if response := key and answered(request.user, key, fingerprint):
        return response
    try:
        with transaction.atomic(), recorded_as(request.user, f"Par le jeton « {request.auth} »."):
            hold_revision()
            response = write()
            if key:
                IdempotentResponse.forget_old()
                IdempotentResponse.objects.create(
                    user=request.user,
                    key=key,
                    fingerprint=fingerprint,
                    status=response.status_code,
                    headers={
                        name: response[name] for name in ("ETag", "Location") if name in response
                    },
                    body=json.dumps(response.data),
                )
            return response
    except IntegrityError as error:
        if response := key and answered(request.user, key, fingerprint):
            return response
        raise ConflictError from error


def answered(user, key, fingerprint) -> HttpResponseBase | None:
    found = IdempotentResponse.objects.filter(user=user, key=key).first()
    if found is None:
        return None
    if found.fingerprint != fingerprint:
        raise ContradictionError([ParameterError(IDEMPOTENCY, KEY_OF_ANOTHER)])
    headers = found.headers | {"Idempotent-Replayed": "true"}
    return Response(json.loads(found.body), status=found.status, headers=headers)


REASON_MEANING = (
    "Le motif, que demande une correction de ce qui est soumis ou publié ; il reste lisible."
)


@cache
def entry_serializer(model, writable, is_new) -> type[serializers.Serializer]:
    """Describes what is sent: the fields of the form, links by their stable names."""
    names = [*(writable.whole if is_new else ()), *writable.fields]
    relations, texts = {}, {}
    for name in names:
        # What the form asks besides: whether the author has looked.
        if asked := writable.form.declared_fields.get(name):
            relations[name] = serializers.BooleanField(required=False, help_text=asked.help_text)
            continue
        field = model._meta.get_field(name)
        if not field.remote_field:
            meaning = f"{capfirst(field.verbose_name)}, comme dans le formulaire de saisie."
            texts[name] = field.help_text or meaning
        else:
            related = field.remote_field.model
            relations[name] = serializers.SlugRelatedField(
                name_field(related),
                queryset=related._default_manager.all(),
                many=field.many_to_many,
                required=not (field.blank or field.null),
                allow_null=field.null,
                help_text=field.help_text
                or f"{capfirst(field.verbose_name)}, par son identifiant.",
            )
    if writable.asks_why or model.corrected_with_reason:
        relations["reason"] = serializers.CharField(required=False, help_text=REASON_MEANING)
        names.append("reason")
    facts = {"model": model, "fields": names, "extra_kwargs": meanings(**texts)}
    meta = type("Meta", (), facts)
    return type(f"{model.__name__}EntrySerializer", (RecordSerializer,), relations | {"Meta": meta})


class WritableViewSet(PublicViewSet):
    """Records that programs also write; `writable` says which fields."""

    writable = None
    http_method_names = [*PublicViewSet.http_method_names, "delete"]

    @classmethod
    def entry_serializer(cls, is_new) -> type[serializers.Serializer]:
        return entry_serializer(cls.model(), cls.writable, is_new)

    def create(self, request, *args, **kwargs) -> HttpResponseBase:
        reject_unknown_parameters(request.query_params, ())

        def write():
            return self.written(
                Writer(request.user).create(self.model(), self.writable, request.data), 201
            )

        return written_once(request, write)

    def partial_update(self, request, *args, **kwargs) -> HttpResponseBase:
        reject_unknown_parameters(request.query_params, ())
        key, version = kwargs[self.lookup_field], version_of(request)

        def write():
            writer = Writer(request.user)
            return self.written(
                writer.change(self.model(), self.writable, key, request.data, version)
            )

        return written_once(request, write)

    @extend_schema(responses={204: None})
    def destroy(self, request, *args, **kwargs) -> HttpResponseBase:
        """Delete a draft, or a line of one: it stays in the history. What is published never goes."""
        reject_unknown_parameters(request.query_params, ())
        key, version = kwargs[self.lookup_field], version_of(request)

        def write():
            Writer(request.user).delete(self.model(), key, version)
            return Response(status=204)

        return written_once(request, write)

    def written(self, record, status=200) -> Response:
        row = reading_for(self.serializer_class, self.request.user).rows([record.pk])[record.pk]
        headers = {"ETag": f'W/"{record.version}"'}
        if status == 201:
            name = getattr(record, self.lookup_field)
            headers["Location"] = self.reverse_action("detail", kwargs={self.lookup_field: name})
        return Response(row, status=status, headers=headers)


class PublishedViewSet(WritableViewSet):
    """Those with a path to publication of their own."""

    @extend_schema(request=StepSerializer)
    @action(detail=True, methods=["post"])
    def steps(self, request, *args, **kwargs) -> HttpResponseBase:
        """Towards publication: « soumettre », « reprendre »… as on the page of the record."""
        reject_unknown_parameters(request.query_params, ())
        key, version = kwargs[self.lookup_field], version_of(request)

        def write():
            return self.written(
                Writer(request.user).take_step(self.model(), key, request.data, version)
            )

        return written_once(request, write)


class BatchView(BoundedMixin, APIView):
    """Up to `MOST_OPERATIONS` writes in one transaction: all of them, or none (openapi.BATCH).

    `id` is a name for later operations of the same batch.
    """

    # {name in an address: WritableViewSet}
    resources = {}
    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="batch",
        tags=["batch"],
        description="Jusqu’à 200 écritures d’un coup : toutes, ou aucune.",
        request=BatchSerializer,
        responses=BatchAnswerSerializer,
        examples=[OpenApiExample("Une convention", {"operations": BATCH}, request_only=True)],
    )
    def post(self, request) -> HttpResponseBase:
        reject_unknown_parameters(request.query_params, ())
        operations = self.operations(request.data)
        return written_once(request, lambda: self.write(operations))

    def operations(self, data) -> list[dict]:
        given = data.get("operations") if isinstance(data, dict) else None
        if not isinstance(given, list) or not 1 <= len(given) <= MOST_OPERATIONS:
            message = f"Donnez de 1 à {MOST_OPERATIONS} opérations, dans une liste « operations »."
            raise EntryError([FieldError("operations", message)])
        if extra := sorted(set(data) - {"operations"}):
            raise EntryError([FieldError(extra[0][:80], "Ce champ ne s’écrit pas ici.", "unknown")])
        return given

    def write(self, operations) -> HttpResponseBase:
        writer, done, errors = Writer(self.request.user), [], []
        for number, one in enumerate(operations):
            try:
                with transaction.atomic():
                    done.append(self.carry_out(writer, one))
            except RequestError as error:
                errors += [at(number, e) for e in error.errors] or [at(number, error)]
            except (APIException, ValidationError, IntegrityError) as error:
                errors.append(at(number, error))
        if errors:
            raise EntryError(errors[:100])
        return Response({"results": done})

    def carry_out(self, writer, one) -> dict:
        view, method, local = self.read(writer, one)
        model, body = view.model(), one.get("body", {})
        if method == "POST":
            if local:
                writer.made[local] = None
            record = writer.create(model, view.writable, body)
            if local:
                writer.made[local] = getattr(record, name_field(model))
        else:
            key, version = str(one.get("key", "")), one.get("version")
            record = writer.change(model, view.writable, key, body, version)
        name = name_field(model)
        return {
            "resource": one["resource"],
            "key": getattr(record, name),
            "version": record.version,
        }

    def read(self, writer, one) -> tuple:
        """EntryError for what is no operation."""
        if not isinstance(one, dict):
            raise EntryError([FieldError("", "Une opération est un objet JSON.")])
        resource, method, local = (one.get(name) for name in ("resource", "method", "id"))
        errors = []
        if not isinstance(resource, str) or resource not in self.resources:
            message = "Cette ressource n’existe pas, ou ne s’écrit pas."
            errors.append(FieldError("resource", message, "invalid_choice", list(self.resources)))
        if method not in ("POST", "PATCH"):
            message = "Écrivez « POST » ou « PATCH »."
            errors.append(FieldError("method", message, "invalid_choice", ["POST", "PATCH"]))
        if local is not None and not (isinstance(local, str) and local.startswith(LOCAL)):
            errors.append(FieldError("id", f"Un nom de lot commence par « {LOCAL} »."))
        elif local in writer.made:
            errors.append(
                FieldError("id", "Ce nom est déjà celui d’une autre opération.", "unique")
            )
        version = one.get("version")
        if version is not None and (not isinstance(version, int) or isinstance(version, bool)):
            errors.append(FieldError("version", "Une version est un nombre entier."))
        known = {"resource", "method", "id", "key", "version", "body"}
        errors += [
            FieldError(name[:80], "Ce champ ne s’écrit pas ici.", "unknown", sorted(known))
            for name in sorted(set(one) - known)
        ]
        if errors:
            raise EntryError(errors)
        return self.resources[resource], method, local


# What else an operation may be answered, by its HTTP status: field, code.
OF_OPERATIONS = {
    403: ("", "forbidden"),
    404: ("key", "not_found"),
    412: ("version", "stale"),
    428: ("version", "required"),
}


def at(number, error) -> FieldError:
    """An error of one operation, as a field error that says which."""
    if isinstance(error, FieldError):
        return replace(error, operation=number)
    if isinstance(error, ValidationError):
        return FieldError("key", " ".join(error.messages), operation=number)
    status = getattr(error, "status_code", 409)
    name, code = OF_OPERATIONS.get(status, ("", "invalid"))
    return FieldError(name, SAID[status][0], code, operation=number)
