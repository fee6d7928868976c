"""What the API answers when a request makes no sense: problem details (RFC 9457), in both languages.

`detail` is French and `detail_en` English. Each of `errors` names the parameter, and the
values that are allowed where they can be listed.
"""

from dataclasses import dataclass, field
from http import HTTPStatus

from django import forms
from django.core.exceptions import RequestDataTooBig
from django.http.response import HttpResponseBase
from rest_framework.exceptions import APIException, ParseError
from rest_framework.views import exception_handler

from cooperation.lists.listing import MOST_CHOSEN

CONTENT_TYPE = "application/problem+json"
# Allowed values that an error lists at most.
MOST_ALLOWED = 100

SAID = {
    400: ("La demande ne se comprend pas.", "The request makes no sense."),
    401: (
        "Donnez un jeton qui sert encore : « Authorization: Bearer … ».",
        "Give a token that is in use: Authorization: Bearer …",
    ),
    403: ("Vous n’en avez pas le droit.", "You have no right to do this."),
    404: ("Rien ne se trouve à cette adresse.", "Nothing is at this address."),
    405: ("Cette adresse ne prend pas cette méthode.", "This address does not take this method."),
    409: (
        "La demande contredit ce qui est, ou se contredit : recommencez autrement.",
        "The request contradicts what there is, or itself: try again in another way.",
    ),
    412: (
        "Cette fiche a changé depuis la version que vous donnez : relisez-la.",
        "This record has changed since the version that you give: read it again.",
    ),
    413: ("Cet envoi est trop lourd : 5 Mo au plus.", "Too much at once: 5 MB at most."),
    415: ("Envoyez du JSON : « Content-Type: application/json ».", "Send JSON."),
    422: ("Rien n’est écrit : des règles le refusent.", "Nothing is written: rules refuse it."),
    428: (
        "Dites quelle version vous avez lue : « If-Match », avec le champ « version » reçu.",
        "Say which version you have read: If-Match, with the field version that you got.",
    ),
    410: ("Cette fiche a été retirée du registre.", "This record was withdrawn."),
    429: (
        "Trop de demandes : attendez le temps que dit « Retry-After ».",
        "Too many requests: wait as long as Retry-After says.",
    ),
    406: ("Ce format n’existe pas ici.", "This format does not exist here."),
}
# By the code of a form's error.
IN_ENGLISH = {
    "invalid_choice": "Not one of the allowed values.",
    "unknown": "There is no such parameter or field here.",
    "empty": "Leave it out, or give it a value.",
    "too_many": "Too many values.",
    "min_value": "Too small.",
    "max_value": "Too large.",
    "max_length": "Too long.",
    "required": "Give a value.",
    "invalid_pk_value": "Names nothing that you may link to.",
    "unique": "Another record has this value.",
    "forbidden": "You have no right to do this.",
    "stale": "Changed since the version that you give.",
    "no_list": "There is no such list of conventions.",
    "no_page": "The list has no such page.",
    "no_json": "This cannot be read as JSON.",
    "no_day": "Write a day as 2026-11-25.",
    "no_date": "Write a year, a month or a day: 2019, 2019-11 or 2019-11-14.",
    "no_amount": "Write a number with two decimals at most: 1250000.50 (in JSON, in quotes).",
    "no_cents": "This currency has no cents: write a whole amount.",
    "other_currency": "The amount names another currency than the one chosen.",
    "no_measure": "Write a number with four decimals at most: 12.5 (in JSON, in quotes).",
    "no_mark": "Write the mark of an answer, a day (2026-11-25) or a moment (2026-11-25T05:00:00Z).",
    "page_size": "A page has 1 to 500 rows.",
    "not_found": "There is no such record.",
    "too_old": "The journal does not reach back so far: make the copy anew.",
}


@dataclass(frozen=True)
class ParameterError:
    """What is wrong with a parameter; `code` is one of IN_ENGLISH, or "invalid"."""

    name: str
    message: str
    code: str = "invalid"
    allowed: list[str] = field(default_factory=list)

    where = "parameter"

    def as_dict(self) -> dict:
        """As an entry of `errors` in the answer."""
        entry = {
            self.where: self.name,
            "code": self.code,
            "detail": self.message,
            "detail_en": IN_ENGLISH.get(self.code, "Not a valid value."),
        }
        if self.allowed:
            entry["allowed"] = self.allowed[:MOST_ALLOWED]
        return entry


@dataclass(frozen=True)
class FieldError(ParameterError):
    """What is wrong with a field that was sent; "" is the record as a whole."""

    # Of a batch: which one, from 0.
    operation: int | None = None

    where = "field"

    def as_dict(self) -> dict:
        entry = super().as_dict()
        return entry if self.operation is None else {"operation": self.operation} | entry


class RequestError(APIException):
    """A request of which some parameters make no sense."""

    status_code = 400

    def __init__(self, errors: list[ParameterError]):
        self.errors = errors
        super().__init__(" ".join(error.message for error in errors))


class NamelessError(RequestError):
    """A request whose parameters name records that are not there."""

    status_code = 404


class ContradictionError(RequestError):
    """A request that cannot be answered as the registry now is, or that contradicts itself."""

    status_code = 409


class EntryError(RequestError):
    """What was sent cannot be written: nothing was."""

    status_code = 422


class StaleError(RequestError):
    """The record has changed since it was read; the errors tell what."""

    status_code = 412


class TooLargeError(APIException):
    """More bytes than one request may hold."""

    status_code = 413


class MissingVersionError(APIException):
    """A change that does not say what it was made on."""

    status_code = 428


class ConflictError(APIException):
    """Two wrote the same at once."""

    status_code = 409


class GoneError(APIException):
    """A record that was public once."""

    status_code = 410


def reject_unknown_parameters(given, known, several=()) -> None:
    """RequestError where an address says what it may not, or nothing: silence is no answer.

    `several` names those that may be given several times.
    """
    allowed = sorted(known)
    errors = [
        ParameterError(name[:80], "Ce paramètre n’existe pas ici.", "unknown", allowed)
        for name in sorted(set(given) - set(known))
    ]
    errors += [
        ParameterError(name, "Ce paramètre est vide : ôtez-le, ou donnez-lui une valeur.", "empty")
        for name, values in given.lists()
        if name in known and "" in values
    ]
    errors += [
        ParameterError(name, f"Donnez-en {MOST_CHOSEN} au plus.", "too_many")
        for name, values in given.lists()
        if len(values) > MOST_CHOSEN
    ]
    errors += [
        ParameterError(name, "Donnez ce paramètre une seule fois.", "too_many")
        for name, values in given.lists()
        if name in known and name not in several and 1 < len(values) <= MOST_CHOSEN
    ]
    if errors:
        raise RequestError(errors[:10])


# How programs write what a form could not read, by the code of its error.
WRITTEN_AS = {
    "no_amount": "1250000.50",
    "no_measure": "12.5",
    "no_date": "2019, 2019-11 ou 2019-11-14",
    "no_day": "2026-11-25",
}


def unread(field, message, code) -> tuple:
    """(message, code) of an error of a form, as a program needs them."""
    if isinstance(field, forms.DateField) and code == "invalid":
        code = "no_day"
    how = WRITTEN_AS.get(code)
    return f"{message} Ici : {how}." if how else message, code or "invalid"


def problem(error, context) -> HttpResponseBase | None:
    """The answer to an error, as DRF asks for it; None where it is one of ours to mend."""
    if isinstance(error, RequestDataTooBig):
        error = TooLargeError()
    response = exception_handler(error, context)
    if response is None:
        return None
    french, english = SAID.get(response.status_code, ("La demande a échoué.", "It failed."))
    body = {
        "type": "about:blank",
        "title": HTTPStatus(response.status_code).phrase,
        "status": response.status_code,
        "detail": french,
        "detail_en": english,
    }
    if isinstance(error, ParseError):
        error = RequestError([FieldError("", "Cela ne se lit pas comme du JSON.", "no_json")])
    if isinstance(error, RequestError):
        body["errors"] = [one.as_dict() for one in error.errors]
    response.data, response.content_type = body, CONTENT_TYPE
    return response
