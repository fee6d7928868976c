"""Every field that people enter is at every door, or is named here with the reason why not.

A door that forgets a field loses it without a word: the export that lacked the duration of 157
conventions was green in six hundred tests.
"""

import re
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.apps import apps
from django.conf import settings as project
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db import models, transaction
from django.test import RequestFactory
from django.urls import reverse

from actions.models import (
    Action,
    Axis,
    BudgetLine,
    Disbursement,
    GoodPractice,
    Indicator,
    Instalment,
    Measurement,
)
from agreements.models import (
    Avenant,
    CitedSource,
    Convention,
    Delegation,
    Exchange,
    FocalPoint,
    LegalStep,
    Meeting,
    OtherValue,
    Party,
    Signature,
    Situation,
)
from cooperation.importing.books import importer_class
from cooperation.models import (
    Arrondissement,
    Contact,
    Document,
    ExchangeRate,
    Membership,
    Partner,
    PartnerCode,
    Theme,
)
from cooperation.records.base import VersionedModel
from cooperation.values.fields import CurrencyField, PartialDateField
from reports.opendata.resources import RESOURCES, WRITTEN
from reports.pdf.fiches import FICHES
from tests.factories import (
    make_action,
    make_arrondissement,
    make_avenant,
    make_axis,
    make_budget_line,
    make_convention,
    make_disbursement,
    make_document,
    make_indicator,
    make_measurement,
    make_partner,
    make_practice,
    make_user,
    published,
)

LINES = "Lines of a convention are taken from the API and from the files of /donnees/."
LISTS = "Lists in use do not hold it: it is entered, or comes by the API or an IATI file."
NAMED = "An IATI file names partners and says no more of them."
PERSONAL = "Personal data stays between members; it is not even in the history."
RIGHTS = (
    "Rights are no content: they are given on the convention's entry page and kept in its history."
)
OF_A_LINE = (
    "The source of a line is read by the API and in the history; its record's stands for it."
)
TOOL = "A list that the secretariat keeps for choosing; nobody searches it by words."
RATE = "Each converted total shows the rates that it used."
UPLOAD = "A file is deposited by people: its content is looked at before it is kept."
SHORT = "A fiche has two to four pages: it names a document, with its date."
COMPUTED = "The page tells the term; the day on which one counted is the list's."

OWN_PAGE = "It is entered on a page of its own (actions/practices.py), not in the admin."
LESSON = "An IATI file tells activities and their money; a lesson drawn from one is no part of it."

OF_A_LIFE = ("signature", "situation", "meeting", "exchange", "citedsource", "othervalue")

# (model, field or "*", door) -> why it is not there. Each is used, or the last test fails.
EXCEPTIONS = {
    ("goodpractice", "*", "admin"): OWN_PAGE,
    ("goodpractice", "*", "write"): OWN_PAGE,
    ("goodpractice", "*", "import"): LISTS,
    ("goodpractice", "*", "export"): LINES,
    ("goodpractice", "*", "iati"): LESSON,
    **{
        (name, "*", "export"): LINES
        for name in [
            *OF_A_LIFE,
            "avenant",
            "party",
            "legalstep",
            "axis",
            "budgetline",
            "instalment",
            "disbursement",
            "indicator",
            "measurement",
            "membership",
        ]
    },
    **{(name, "*", "export"): TOOL for name in ("theme", "arrondissement", "exchangerate")},
    ("document", "*", "export"): LINES,
    **{
        (name, "*", "import"): LISTS
        for name in [*OF_A_LIFE, "axis", "instalment", "indicator", "measurement", "membership"]
        if name != "exchange"
    },
    ("action", "number", "import"): "The registry numbers the actions of a convention.",
    **{(name, "*", "import"): TOOL for name in ("theme", "arrondissement", "exchangerate")},
    ("document", "*", "import"): UPLOAD,
    ("document", "*", "write"): UPLOAD,
    **{(name, "*", "write"): TOOL for name in ("theme", "arrondissement", "exchangerate")},
    ("partnercode", "*", "write"): LISTS,
    **{
        ("legalstep", name, "import"): LISTS
        for name in ("organ", "result", "votes_for", "votes_against", "abstentions")
    },
    **{
        (name, "source", "admin"): OF_A_LINE
        for name in ("signature", "meeting", "exchange", "citedsource")
    },
    **{
        (name, "source", door): OF_A_LINE
        for name in ["avenant", "party", "legalstep", "axis", "instalment", "disbursement"]
        for door in ("page", "fiche", "admin")
    },
    **{
        (name, "source", door): OF_A_LINE
        for name in ("budgetline", "indicator")
        for door in ("page", "fiche")
    },
    **{(name, "source", "import"): OF_A_LINE for name in ("party", "legalstep", "budgetline")},
    **{
        ("partnercode", "source", door): OF_A_LINE
        for door in ("page", "admin", "api", "export", "fiche", "import", "iati")
    },
    **{
        ("partner", name, "iati"): NAMED
        for name in [
            "aliases",
            "has_special_status",
            "website",
            "population",
            "population_year",
            "replaced_on",
            "replacement_cause",
            "source",
        ]
    },
    **{("document", name, "fiche"): SHORT for name in ("language", "access", "source")},
    ("membership", "*", "iati"): NAMED,
    **{("membership", "source", door): OF_A_LINE for door in ("page", "fiche", "admin")},
    ("document", "source", "iati"): NAMED,
    ("document", "source", "page"): OF_A_LINE,
    **{
        ("theme", name, door): TOOL
        for name in ("slug", "dac_code", "source")
        for door in ("fiche",)
    },
    **{("theme", name, "page"): TOOL for name in ("dac_code", "source")},
    ("theme", "source", "iati"): TOOL,
    **{("arrondissement", "source", door): TOOL for door in ("page", "fiche", "iati")},
    **{("arrondissement", "code", door): TOOL for door in ("page", "fiche")},
    **{("exchangerate", "*", door): RATE for door in ("page", "api", "iati", "fiche")},
}
# Not records of the registry: who may be called, and who may enter.
APART = {Contact: PERSONAL, FocalPoint: PERSONAL, Delegation: RIGHTS}

LIFE = (Signature, Situation, Meeting, Exchange, CitedSource, OtherValue)
RECORDS = [
    Convention,
    Avenant,
    Party,
    LegalStep,
    *LIFE,
    Axis,
    Action,
    BudgetLine,
    Disbursement,
    Indicator,
    Instalment,
    Measurement,
    Partner,
    PartnerCode,
    Membership,
    Document,
    Theme,
    Arrondissement,
    ExchangeRate,
    GoodPractice,
]
# What else a field needs to be as it is.
ALONG = {
    ("convention", "has_no_term"): {"ends_on": None},
    ("partner", "departement"): {"country": "BJ"},
    ("partner", "has_special_status"): {"country": "BJ", "departement": "zou", "kind": "commune"},
    ("avenant", "currency"): {"budget_change": Decimal("10.00")},
    ("avenant", "budget_change"): {"currency": "EUR"},
    ("avenant", "new_total"): {"currency": "EUR"},
    ("budgetline", "standing"): {"counted_amount": None},
    ("budgetline", "most"): {"amount": Decimal(3), "counted_amount": None},
    ("budgetline", "span"): {"counted_amount": None},
    ("budgetline", "last_year"): {"year": 1970},
    ("budgetline", "equivalent"): {"equivalent_currency": "XOF"},
    ("budgetline", "equivalent_currency"): {"equivalent": Decimal(5)},
    ("partner", "population_year"): {"population": 5000},
    ("indicator", "baseline_on"): {"baseline": Decimal(3)},
    ("indicator", "target_on"): {"target": Decimal(9)},
    ("partner", "latitude"): {"longitude": Decimal(2)},
    ("partner", "longitude"): {"latitude": Decimal(9)},
}


def name_of(model):
    return model._meta.model_name


def fields_of(model):
    return [model._meta.get_field(name) for name in model.entered_fields()]


def is_excepted(model, field, door):
    name = name_of(model)
    return (name, "*", door) in EXCEPTIONS or (name, field.name, door) in EXCEPTIONS


def two_values(field):
    """Two values that a field may hold, told apart wherever they are shown."""
    if isinstance(field, CurrencyField):
        return "CHF", "JPY"
    if isinstance(field, models.BooleanField):
        return False, True
    if field.choices:
        # « autre » is told in words of its own.
        known = [value for value, _ in field.flatchoices if value not in ("", "autre")]
        return known[-2], known[-1]
    if isinstance(field, PartialDateField):
        # Ends come after beginnings.
        year = {"ends_on": 2031, "planned_end": 2031, "actual_end": 2031, "target_on": 2031}
        year["until"] = 2031
        first = year.get(field.name, 2004)
        return f"{first}-03-11", f"{first}-03-12"
    if isinstance(field, models.DateField):
        return date(2003, 2, 1), date(2003, 2, 2)
    if isinstance(field, models.DecimalField):
        return Decimal("31.5"), Decimal("32.5")
    if isinstance(field, models.IntegerField):
        years = field.name in ("year", "last_year", "population_year")
        return (1977, 1978) if years else (63, 64)
    if isinstance(field, models.URLField):
        return "https://a.example.org/", "https://b.example.org/"
    if isinstance(field, models.SlugField):
        return "mot-a", "mot-b"
    return "Texte premier", "Texte second"


@pytest.fixture
def records():
    """{model: one public record of it}, all of one convention, and its action for what it has."""
    partner = make_partner(name="Ville amie", kind="ong", country="FR")
    partner.codes.create(scheme=PartnerCode.Scheme.SIREN, code="213700818")
    convention = make_convention([partner, make_partner()], starts_on="2003", ends_on="2032")
    action = make_action(convention)
    part = make_arrondissement(convention.partners.get(kind="commune"))
    convention.parties.filter(partner=part.commune).update(arrondissement=part)
    action.arrondissements.add(part)
    line = make_budget_line(convention, funder=partner)
    indicator = make_indicator(convention, target="80.5")
    document = make_document(**published())
    theme = Theme.objects.create(name="Eau", slug="eau", source="CNCD")
    convention.themes.add(theme)
    convention.documents.add(document)
    found = [
        convention,
        action,
        partner,
        partner.codes.get(),
        partner.memberships.create(member=make_partner()),
        document,
        theme,
        part,
        line,
        indicator,
        convention.parties.get(partner=partner),
        make_axis(convention),
        make_disbursement(line),
        make_practice(action, **published()),
        line.instalments.create(amount="50.00", expected_on="2005"),
        make_measurement(indicator, "12.5", "2004-03-11"),
        make_avenant(convention, signed_on="2002", **published()),
        convention.legal_steps.create(kind=LegalStep.Kind.DELIBERATION),
        convention.signatures.create(place="Parakou"),
        convention.situations.create(kind=Situation.Kind.RESUMED),
        convention.meetings.create(held_on="2004"),
        convention.exchanges.create(kind=Exchange.Kind.VISIT),
        convention.cited_sources.create(title="Le journal"),
        convention.other_values.create(about="début", value="2004"),
        ExchangeRate.objects.create(
            currency="CHF", day=date(2001, 1, 1), per_euro=Decimal("1.5"), source="BCE"
        ),
    ]
    convention.publish(make_user("secretariat"))
    return {type(record): type(record).objects.get(pk=record.pk) for record in found}


def set_raw(record, **values):
    """Past every rule, and without moving the registry on."""
    models.QuerySet(type(record)).filter(pk=record.pk).update(**values)


def page(client, records, model):
    owner = records[model if model in (Action, Partner, GoodPractice) else Convention]
    owner = records[Partner] if model in (PartnerCode, Membership) else owner
    content = client.get(owner.get_absolute_url()).content
    # Each page has a token of its own.
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", content)


def fiche(client, records, model):
    kinds = {Action: ("action", "reference"), Partner: ("partenaire", "slug")}
    kinds[GoodPractice] = ("bonne-pratique", "reference")
    kinds[PartnerCode] = kinds[Membership] = kinds[Partner]
    kind, key = kinds.get(model, ("convention", "reference"))
    owners = dict.fromkeys((PartnerCode, Membership), Partner)
    owner = records[owners.get(model, model if model in kinds else Convention)]
    request = RequestFactory().get("/")
    request.user = client.user
    return FICHES[kind](getattr(owner, key), client.user).html().encode()


def api(client, records, model):
    name = next((n for n, view in RESOURCES.items() if view.model() is model), None)
    if model is PartnerCode:
        name, model = "partners", Partner
    record = records[model]
    key = models.QuerySet(type(record)).values_list(RESOURCES[name].lookup_field, flat=True)
    return client.get(f"/api/v1/{name}/{key.get(pk=record.pk)}/").content


def export(client, records, model):
    lists = {Convention: "convention", Action: "action", Partner: "partner", PartnerCode: "partner"}
    return client.get(reverse(f"{lists[model]}_export", args=["json"])).getvalue()


def iati(client, records, model):
    reference = records[Convention].reference
    return client.get(f"/iati/activities/{reference}.xml").content


DOORS = {"page": page, "fiche": fiche, "api": api, "export": export, "iati": iati}


# What is shown only where another field is empty: each is tried without them.
ALONE = {("action", name) for name in ("planned_start", "planned_end")}


def shown_with(client, records, model, values):
    """What each door shows where the record holds these values; nothing of it stays."""
    with transaction.atomic():
        set_raw(records[model], **values)
        doors = {d: show for d, show in DOORS.items() if (name_of(model), "*", d) not in EXCEPTIONS}
        shown = {door: show(client, records, model) for door, show in doors.items()}
        transaction.set_rollback(True)
    return shown


@time_machine.travel("2026-06-15T08:00:00Z", tick=False)
@pytest.mark.parametrize("model", RECORDS, ids=name_of)
def test_what_is_entered_is_shown_at_every_door(sign_in, records, model, django_cache_off):
    """Two values of a field make two pages, two fiches, two answers, two rows, two activities."""
    client, lacking = sign_in("secretariat"), []
    by_itself = {f.name for f in fields_of(model) if (name_of(model), f.name) in {*ALONG, *ALONE}}
    together = {f.name: two_values(f)[0] for f in fields_of(model) if f.name not in by_itself}
    whole = shown_with(client, records, model, together)
    for field in fields_of(model):
        one, other = two_values(field)
        if field.name in by_itself:
            along = ALONG.get((name_of(model), field.name), {})
            first, second = (
                shown_with(client, records, model, along | {field.name: value})
                for value in (one, other)
            )
        else:
            first = whole
            second = shown_with(client, records, model, together | {field.name: other})
        silent = [door for door in first if first[door] == second[door]]
        excepted = [door for door in first if is_excepted(model, field, door)]
        unneeded = sorted(set(excepted) - set(silent))
        lacking += [
            f"{field.name} is at {door}: the exception is needed no more" for door in unneeded
        ]
        lacking += [f"{field.name} is not at {door}" for door in silent if door not in excepted]
    assert not lacking


@time_machine.travel("2026-06-15T08:00:00Z", tick=False)
def test_a_door_shows_the_same_of_the_same(sign_in, records, django_cache_off):
    """Or the test above could not fail."""
    client = sign_in("secretariat")
    for show in DOORS.values():
        assert show(client, records, Convention) == show(client, records, Convention)


@pytest.fixture
def django_cache_off(settings):
    """What is kept for visitors does not see values set past every rule."""
    settings.CACHES = settings.CACHES | {
        "kept": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    }


@pytest.mark.parametrize("model", RECORDS, ids=name_of)
def test_what_is_entered_has_a_place_in_the_forms(sign_in, records, model):
    """On an entry page of its own, or in that of the record that it is a line of."""
    client = sign_in("secretariat")
    offered = set()
    for registered, entry in admin.site._registry.items():
        request = RequestFactory().get("/")
        request.user = client.user
        request.resolver_match = type("Match", (), {"url_name": "add"})()
        if registered is model:
            offered.update(flatten_fieldsets(entry.get_fieldsets(request)))
        for inline in entry.inlines:
            if inline.model is model:
                lines = inline(registered, admin.site)
                offered.update(flatten_fieldsets(lines.get_fieldsets(request)))
    lacking = {f.name for f in fields_of(model) if not is_excepted(model, f, "admin")} - offered
    assert not lacking


@pytest.mark.parametrize("model", RECORDS, ids=name_of)
def test_what_is_entered_can_be_written_by_programs(model):
    view = next((v for v in WRITTEN.values() if v.model() is model), None)
    written = {*view.writable.fields, *view.writable.whole} if view else set()
    assert not {f.name for f in fields_of(model) if not is_excepted(model, f, "write")} - written


# Columns whose cell tells other fields of a line, or of the partner that it names.
TELL_OTHERS = {"Parties", "Montants", "Actions", "Pays de la partie", "Nature de la partie"}


@pytest.mark.parametrize("model", RECORDS, ids=name_of)
def test_what_is_entered_can_come_in_a_list(model):
    columns = set()
    for kind in project.IMPORTERS:
        importer = importer_class(kind)
        groups = {lines.group: lines for lines in importer.lines}
        for column in importer.columns:
            owner = groups[column.group].model if column.group else importer.model
            if owner is model:
                columns.update({column.name, *column.line})
                if column.group and column.heading not in TELL_OTHERS:
                    assert column.name in groups[column.group].fields, column.heading
    assert not {f.name for f in fields_of(model) if not is_excepted(model, f, "import")} - columns


@pytest.mark.parametrize("model", RECORDS, ids=name_of)
def test_what_is_entered_stays_in_the_history(model):
    tracked = {field.name for field in model.history.model.tracked_fields}
    assert {field.name for field in fields_of(model)} <= tracked


SEARCHED = {
    Convention: "conventions",
    Action: "actions",
    Partner: "partners",
    Document: "documents",
    GoodPractice: "good-practices",
}


@pytest.mark.parametrize(
    ("model", "name"),
    [(model, name) for model in SEARCHED for name in model.searched_fields()],
    ids=lambda one: one if isinstance(one, str) else name_of(one),
)
def test_what_is_entered_in_words_is_found_by_them(client, records, model, name):
    record = records[model]
    setattr(record, name, f"{getattr(record, name)} Zythum")
    record.save()
    answer = client.get(f"/api/v1/{SEARCHED[model]}/", {"q": "zythum"}).json()
    assert [row[record.address_field] for row in answer["results"]] == [
        getattr(record, record.address_field)
    ]


def test_every_record_is_asked_at_the_doors():
    ours = [m for m in apps.get_models() if issubclass(m, VersionedModel)]
    ours = [m for m in ours if m._meta.app_label in ("cooperation", "agreements", "actions")]
    known = {*RECORDS, *APART} | {m for m in ours if name_of(m) in ("user", "iatiactivity")}
    assert set(ours) == known


def test_exceptions_name_what_is_there():
    doors = {*DOORS, "admin", "write", "import"}
    fields = {name_of(model): {f.name for f in fields_of(model)} | {"*"} for model in RECORDS}
    for name, field, door in EXCEPTIONS:
        assert field in fields[name], (name, field)
        assert door in doors
