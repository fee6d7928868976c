"""Records for tests: plain functions, valid by default. People and places are made up."""

from io import BytesIO
from itertools import count

from django.core.files.base import ContentFile
from django.utils import timezone
from pypdf import PdfWriter

from actions.models import (
    Action,
    Axis,
    BudgetLine,
    Disbursement,
    GoodPractice,
    Indicator,
    Measurement,
)
from agreements.models import Avenant, Convention, Party
from cooperation import uploads
from cooperation.models import Arrondissement, Document, Partner, User
from cooperation.records.gates import Status
from cooperation.roles import Role

numbers = count(1)


def one_page_pdf():
    writer, buffer = PdfWriter(), BytesIO()
    writer.add_blank_page(100, 100)
    writer.write(buffer)
    return buffer.getvalue()


PDF = one_page_pdf()


def published(**kwargs):
    return {"status": Status.PUBLISHED, "published_at": timezone.now()} | kwargs


def make_partner(**kwargs):
    kwargs.setdefault("name", f"Commune {next(numbers)}")
    kwargs.setdefault("kind", Partner.Kind.COMMUNE)
    kwargs.setdefault("country", "BJ")
    if kwargs["kind"] == Partner.Kind.COMMUNE and kwargs["country"] == "BJ":
        kwargs.setdefault("departement", "borgou")
    return Partner.objects.create(**published(**kwargs))


def make_user(role=Role.MEMBER, **kwargs):
    kwargs.setdefault("username", f"user{next(numbers)}")
    if role == Role.COMMUNE and "partner" not in kwargs:
        kwargs["partner"] = make_partner()
    return User.objects.create(role=role, **kwargs)


def make_convention(partners=None, **kwargs):
    """A draft between two partners, from 2019 to 2021; pass **published() for a public one."""
    kwargs.setdefault("title", f"Convention {next(numbers)}")
    kwargs.setdefault("starts_on", "2019")
    kwargs.setdefault("ends_on", "2021")
    convention = Convention.objects.create(**kwargs)
    for partner in [make_partner(), make_partner()] if partners is None else partners:
        Party.objects.create(convention=convention, partner=partner)
    return convention


def tell_life(convention):
    """A line of each kind that tells the life of a convention."""
    convention.signatures.create(kind="ceremonie", signed_on="2019-11", place="Parakou")
    convention.situations.create(kind="reprise", since="2020", note="Après les élections")
    convention.meetings.create(held_on="2020-03", minutes="Budget revu.")
    convention.exchanges.create(kind="visite", happened_on="2020", purpose="Voir les puits.")
    convention.cited_sources.create(
        title="Le journal", address="https://exemple.bj/a", dated="2019"
    )
    convention.other_values.create(about="début", value="2018", why="Moins précis", source="Blog")


def make_avenant(convention, **kwargs):
    kwargs.setdefault("purpose", "Prolonger la convention.")
    return Avenant.objects.create(convention=convention, **kwargs)


def make_axis(convention, **kwargs):
    kwargs.setdefault("number", convention.axes.count() + 1)
    kwargs.setdefault("title", f"Axe {kwargs['number']}")
    return Axis.objects.create(convention=convention, **kwargs)


def make_action(convention, *, places=(), **kwargs):
    kwargs.setdefault("title", f"Action {next(numbers)}")
    action = Action.objects.create(convention=convention, **kwargs)
    action.places.set(places)
    return action


def make_arrondissement(commune, name="Takon", **kwargs):
    kwargs.setdefault("code", f"BJ-{next(numbers)}")
    return Arrondissement.objects.create(commune=commune, name=name, **kwargs)


def make_budget_line(convention, **kwargs):
    kwargs.setdefault("amount", "1000.00")
    kwargs.setdefault("currency", "EUR")
    return BudgetLine.objects.create(convention=convention, **kwargs)


def make_disbursement(budget_line, **kwargs):
    kwargs.setdefault("amount", "100.00")
    kwargs.setdefault("currency", budget_line.currency)
    return Disbursement.objects.create(budget_line=budget_line, **kwargs)


def make_practice(action, **kwargs):
    """Whole, so that it can be published."""
    kwargs.setdefault("title", f"Pratique {next(numbers)}")
    for name in ("context", "approach", "results", "conditions"):
        kwargs.setdefault(name, f"Ce qui est dit : {name}.")
    return GoodPractice.objects.create(action=action, **kwargs)


def make_indicator(convention, **kwargs):
    kwargs.setdefault("name", f"Indicateur {next(numbers)}")
    kwargs.setdefault("unit", "ménages")
    return Indicator.objects.create(convention=convention, **kwargs)


def make_measurement(indicator, value, measured_on="2020", **kwargs):
    kwargs.setdefault("source", "Rapport annuel")
    return Measurement.objects.create(
        indicator=indicator, value=value, measured_on=measured_on, **kwargs
    )


def make_document(**kwargs):
    kwargs.setdefault("title", f"Document {next(numbers)}")
    kwargs.setdefault("kind", Document.Kind.REPORT)
    if "file" not in kwargs:
        kwargs["file"] = file = ContentFile(PDF, "rapport.pdf")
        # What reading it would find: to read it each time, in a process apart, takes longer than all else.
        file.inspected = (uploads.PDF, 1, file)
    return Document.objects.create(**kwargs)
