"""IATI files brought in like any list: previewed, confirmed, written as drafts at once, undone at once.

A row is one activity. One that is part of another becomes an action of its convention.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from actions.iati import codes, facts
from actions.iati.building import MODELS, PARTNERS, built, filled, new_partner, row_errors
from actions.iati.differing import differences
from actions.iati.elements import identifier as identifier_here
from actions.iati.found import Found, mention
from actions.iati.reading import MAX_BYTES, activities_in, read_activity
from actions.models import Action, Axis, IatiActivity
from agreements.models import Convention
from cooperation.importing.matching import Doubt
from cooperation.importing.plans import Plan, trace
from cooperation.importing.records import RecordImporter
from cooperation.models import Arrondissement, ImportRow, Odd, Partner, PartnerCode, Theme
from cooperation.records.references import CONVENTION_REFERENCE
from cooperation.roles import CORRECT, enters_for
from cooperation.values.text import fold

HEADINGS = ["Identifiant", "Activité"]


UID = re.compile(r"[0-9a-f]{16}")


class IatiImporter(RecordImporter):
    kind = "iati"
    label = "activités IATI"
    address = "convention_detail"
    model = Convention
    permissions = ("agreements.add_convention", "actions.add_action")
    accepts = ".xml"
    gives_back = ("xml",)
    file_help = f"Un fichier d’activités IATI, version 2 ; {MAX_BYTES // 2**20} Mo au plus."

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.slugs = dict(Partner.objects.linkable_by(self.user).values_list("slug", "pk"))
        self.themes = dict(Theme.objects.values_list("slug", "pk"))
        self.by_sector = {}
        for code, key in Theme.objects.exclude(dac_code="").values_list("dac_code", "pk"):
            self.by_sector.setdefault(code, []).append(key)
        self.odds = set(Odd.objects.values_list("pk", flat=True))
        parts = Arrondissement.objects.values_list("code", "pk", "commune__slug")
        # {code: key}, and {code: slug of its commune}
        self.parts = {code: key for code, key, _ in parts}
        self.communes = {code: slug for code, _, slug in parts}
        # {identifier: line} of what this file holds; those of what would be written.
        self.lines_of, self.coming = {}, set()
        # {identifier: numbers of its axes} of what would be written.
        self.axes = {}

    @classmethod
    def read_file(cls, file, others=()) -> list[tuple]:
        """One activity a row, in the order in which they can be written."""
        rows = ((line, [identifier, text]) for line, identifier, text in activities_in(file))
        return [("", [(1, HEADINGS), *rows])]

    @classmethod
    def recognise(cls, headings, mapping=None) -> list[tuple]:
        return [(name, None) for name in headings]

    @classmethod
    def given_back(cls, rows) -> Iterator:
        """Activities that were left out as a file in pieces, each after why."""
        yield '<?xml version="1.0" encoding="UTF-8"?>\n<iati-activities version="2.03">\n'
        for row in rows:
            why = f"Ligne {row.line} : {row.trouble}".replace("--", "–").rstrip("-")
            yield f"<!-- {why} -->\n{row.cells[1].strip()}\n"
        yield "</iati-activities>\n"

    # Reading

    def plan(self, meanings, cells, line) -> Plan:
        plan = Plan(title=cells[0][:250])
        try:
            found = read_activity(cells[1])
            if found.kind == "action" and self.is_orphan(found):
                found = read_activity(cells[1], alone=True)
            plan.title = f"{found.fields.get('title', '')} ({found.identifier})"[:250]
            self.plan_found(plan, found, line)
        except ValidationError as error:
            plan.errors += row_errors(error)
        return self.judged(plan)

    def plan_found(self, plan, found, line) -> None:
        if earlier := self.lines_of.get(found.identifier):
            raise ValidationError(f"C’est l’activité de la ligne {earlier}.")
        self.lines_of[found.identifier] = line
        if known := self.known(found.identifier):
            if told := differences(self.record_of(found.identifier), found):
                raise ValidationError(
                    f"{known} dit autre chose : {' ; '.join(told)}. Rien n’y change : si le fichier a "
                    "raison, corrigez la fiche."
                )
            plan.verdict, plan.target = ImportRow.Verdict.SAME, known
            return
        if found.kind == "action":
            self.require_parent(found)
            self.require_axis(found)
        named = self.name_partners(plan, found)
        record, errors = built(
            found, themes=self.themes, odds=self.odds, arrondissements=self.communes
        )
        plan.errors += errors
        if found.kind == "convention":
            self.require_own(found, named)
        if plan.doubts or plan.errors:
            return
        plan.verdict = ImportRow.Verdict.ADDED
        plan.changes = list(summary(record, found))
        plan.values = asdict(found) | {"named": named}
        self.coming.add(found.identifier)
        axes = found.lines.get("axis", ())
        self.axes[found.identifier] = {line.get("number", "") for line in axes}

    def known(self, identifier) -> str:
        """The reference of the convention that the registry already has for an activity, or ""."""
        record = self.record_of(identifier)
        return getattr(record, "convention", record).reference if record else ""

    def record_of(self, identifier) -> Convention | Action | None:
        """What the person may edit that an activity is of, or became."""
        reference = identifier.removeprefix(identifier_here(""))
        for model in (Convention, Action):
            own = model.objects.editable_by(self.user).filter(reference=reference)
            if record := own.first():
                return record
        brought = IatiActivity.objects.editable_by(self.user).filter(identifier=identifier)
        came = brought.select_related("convention", "action__convention").first()
        return came and (came.action or came.convention)

    def is_orphan(self, found) -> bool:
        """Whether what it is part of is neither in this file nor in the registry, for this person."""
        return found.parent not in self.lines_of and not self.known(found.parent)

    def require_parent(self, found) -> None:
        if found.parent in self.coming:
            return
        reference = self.known(found.parent)
        if not reference and (line := self.lines_of.get(found.parent)):
            raise ValidationError(
                f"Elle fait partie de « {found.parent} », de la ligne {line}, qui n’entre pas encore."
            )
        if not reference:
            raise ValidationError(
                f"Elle fait partie de « {found.parent} », qui n’est ni dans ce fichier, ni dans le "
                "registre parmi les conventions que vous saisissez."
            )
        convention = Convention.objects.get(reference=reference)
        if convention.is_locked and not self.user.has_perm(CORRECT):
            raise ValidationError(
                f"{reference} est soumise ou publiée : ses actions s’y ajoutent par un avenant, ou par "
                "le secrétariat."
            )

    def require_axis(self, found) -> None:
        """That an action names is one of its convention: in this file, or in the registry."""
        axis = found.fields.get("axis")
        known = self.axes.get(found.parent)
        if axis and known is None:
            held = Axis.objects.filter(convention__reference=self.known(found.parent))
            known = set(map(str, held.values_list("number", flat=True)))
        if axis and axis not in known:
            raise ValidationError(f"« {axis[:80]} » n’est pas un axe de sa convention.")

    def require_own(self, found, named) -> None:
        """What an agent brings in is theirs: their commune is among the parties."""
        own = enters_for(self.user)
        if own is None:
            return
        parties = {named.get(line.get("partner")) for line in found.lines.get("party", ())}
        if own.pk not in parties:
            raise ValidationError(
                f"{own} n’est pas parmi les parties : ajoutez-la, ou laissez cette "
                "activité à ceux qui l’ont signée."
            )

    def name_partners(self, plan, found) -> dict:
        """{key in the file: key of the partner, or None for one to be made}; doubts are in the plan."""
        named = {}
        for name, about in found.partners.items():
            if "slug" in about:
                named[name] = self.slugs.get(about["slug"])
                if named[name] is None:
                    self.check_new_partner(plan, about)
                continue
            try:
                ref = about["ref"] or only_ref(found, about["name"])
                named[name] = self.coded(ref) or self.matcher.find(about["name"])
            except Doubt as doubt:
                plan.doubts.append(doubt)
        return named

    def coded(self, ref) -> int | None:
        """The key of the partner whose official code the file gives, or None."""
        owned = Q(pk__in=())
        for scheme, prefix in codes.AGENCIES.items():
            if ref.startswith(prefix):
                owned |= Q(codes__scheme=scheme, codes__code=ref.removeprefix(prefix))
        partners = Partner.objects.linkable_by(self.user).filter(owned)
        return partners.values_list("pk", flat=True).first() if ref else None

    def check_new_partner(self, plan, about) -> None:
        if Partner.objects.filter(slug=about["slug"]).exists():
            plan.errors.append(
                [about["slug"], "Ce partenaire est un brouillon d’une autre organisation."]
            )
            return
        try:
            partner, official = new_partner(about)
            partner.clean_fields(exclude=["entered_by", "published_by", "search_text"])
            for code in official:
                code.clean_fields(exclude=["partner"])
        except ValidationError as error:
            plan.errors += [[about["slug"], text] for text in error.messages]

    # Writing

    def write(self, rows, made) -> None:
        # {identifier in the file: the line that it became}
        self.lines = {}
        for row in rows:
            row.written = {"created": [], "updated": []}
            if row.verdict == ImportRow.Verdict.ADDED:
                self.write_one(row, made)

    def write_one(self, row, made) -> None:
        facts_of = dict(row.values)
        named = facts_of.pop("named")
        found = Found(**facts_of)
        self.written, self.named = row.written["created"], {}
        for name, key in named.items():
            self.named[name] = key or self.made(found.partners[name], made.partners)
        if found.kind == "convention":
            record = convention = self.write_convention(found)
        else:
            record = self.write_action(found)
            convention = record.convention
        aside = IatiActivity(
            convention=convention,
            action=record if record is not convention else None,
            identifier=found.identifier,
            elements="\n".join(found.aside),
        )
        self.save(aside)
        row.target = convention.reference

    def made(self, about, new_partners) -> int:
        """The key of a partner made for this import, once for all its rows."""
        name = fold(about["name"]) if "slug" not in about else about["slug"]
        if name not in new_partners:
            partner, official = new_partner(about)
            partner.entered_by = self.user.partner
            partner.save()
            for code in official:
                if not PartnerCode.objects.filter(scheme=code.scheme, code=code.code).exists():
                    code.partner = partner
                    code.save()
            new_partners[name] = [partner.pk, partner.version]
        return new_partners[name][0]

    def save(self, record) -> models.Model:
        record.save()
        self.written.append(trace(record))
        return record

    def write_convention(self, found) -> Convention:
        convention = filled(Convention(), found.fields, facts.CONVENTION)
        reference = found.fields.get("reference", "")
        if re.fullmatch(CONVENTION_REFERENCE, reference, re.ASCII) and not taken(
            Convention, reference
        ):
            convention.reference = reference
        for link in ("predecessor", "framework"):
            if named := found.fields.get(link):
                other = Convention.objects.linkable_by(self.user).filter(reference=named).first()
                setattr(convention, link, other)
                if other is None:
                    found.aside.append(mention("convention", **{link: named}))
        self.save(convention)
        convention.themes.set(self.themes_of(found))
        convention.odds.set(int(number) for number in found.links.get("odds", ()))
        self.write_lines(found.lines, {"convention": convention})
        self.follow(convention)
        return convention

    def themes_of(self, found) -> Iterator:
        """By their names or, from files of others, by a sector that is that of one theme alone."""
        for slug in found.links.get("themes", ()):
            yield self.themes[slug]
        for code in found.links.get("sectors", ()):
            if len(themes := self.by_sector.get(code, ())) == 1:
                yield themes[0]

    def write_action(self, found) -> Action:
        reference = self.known(found.parent)
        convention = Convention.objects.get(reference=reference)
        action = filled(Action(convention=convention), found.fields, facts.ACTION)
        own = found.fields.get("reference", "")
        if re.fullmatch(re.escape(reference) + "-A[1-9][0-9]{0,3}", own) and not taken(Action, own):
            action.reference = own
        if axis := found.fields.get("axis"):
            action.axis = convention.axes.filter(number=axis).first()
        if action.number and convention.actions.filter(number=action.number).exists():
            action.number = None
        self.save(action)
        for name in ("places", "implementers"):
            getattr(action, name).set(self.named[key] for key in found.links.get(name, ()))
        action.arrondissements.set(
            self.parts[code] for code in found.links.get("arrondissements", ())
        )
        self.write_lines(found.lines, {"convention": convention, "action": action})
        self.follow(action)
        return action

    def follow(self, record) -> None:
        """Links moved the version on: what undoing compares with is the last one."""
        record.refresh_from_db()
        self.written[:] = [
            trace(record) if one[:2] == trace(record)[:2] else one for one in self.written
        ]

    def write_lines(self, lines, owners) -> None:
        for element in MODELS:
            model, names, whole = MODELS[element]
            # A line that is part of another comes after it.
            for texts in sorted(lines.get(element, ()), key=lambda one: "included_in" in one):
                known = {name: o for name, o in owners.items() if name in (whole, "action")}
                held = {n: o for n, o in known.items() if n in {f.name for f in model._meta.fields}}
                line = filled(model(**held), texts, names)
                for name in PARTNERS:
                    if texts.get(name):
                        setattr(line, f"{name}_id", self.named[texts[name]])
                if code := element == "party" and texts.get("arrondissement"):
                    line.arrondissement_id = self.parts[code]
                for name in ("added_by", "set_by", "superseded_by"):
                    if number := texts.get(name):
                        avenant = line.convention.avenants.filter(number=number).first()
                        setattr(line, name, avenant)
                for name in ("included_in", "instalment"):
                    if uid := texts.get(name):
                        setattr(line, name, self.lines.get(uid))
                if element == "party" and is_there(line):
                    continue
                if UID.fullmatch(uid := texts.get("uid", "")) and not known_line(model, uid):
                    line.uid = uid
                self.save(line)
                self.lines[texts.get("uid")] = line
                self.link(line, texts)
                self.write_lines(texts.get("lines", {}), {element.replace("-", "_"): line})

    def link(self, line, texts) -> None:
        """Who else gives a budget line, and what else it serves, of what the person may name."""
        if funders := texts.get("joint_funders"):
            line.joint_funders.set(self.named[key] for key in funders.split())
        if served := texts.get("also_for"):
            known = Convention.objects.linkable_by(self.user).exclude(pk=line.convention_id)
            line.also_for.set(known.filter(reference__in=served.split()))
        if funders or served:
            self.follow(line)


def only_ref(found, name) -> str:
    """The official code that the activity gives a name elsewhere, if it gives it one; or ""."""
    refs = {one["ref"] for one in found.partners.values() if one["name"] == name and one["ref"]}
    return refs.pop() if len(refs) == 1 else ""


def is_there(party) -> bool:
    """Whether the convention has it: a file may name a partner in two ways."""
    held = party.convention.parties.filter(partner_id=party.partner_id, role=party.role)
    return held.exists()


def known_line(model, uid) -> bool:
    return model._base_manager.filter(uid=uid).exists()


def taken(model, reference) -> bool:
    return model._base_manager.filter(reference=reference).exists()


def summary(record, found) -> Iterator:
    """[label, "", value] of what would be entered, for the preview."""
    for field in record._meta.fields:
        if field.name in found.fields and field.editable and not field.remote_field:
            value = getattr(record, field.name)
            shown = dict(field.flatchoices).get(value, value) if field.choices else value
            yield [str(field.verbose_name), "", str(getattr(shown, "label", shown))]
    for element, lines in found.lines.items():
        model = MODELS[element][0]
        yield [str(model._meta.verbose_name_plural), "", str(len(lines))]
    if found.partners:
        names = dict.fromkeys(one.get("name") or one["slug"] for one in found.partners.values())
        yield ["partenaires", "", ", ".join(names)]
    if found.aside:
        names = Counter(re.match(r"<([\w:.-]+)", text)[1] for text in found.aside)
        told = ", ".join(f"{name} × {n}" if n > 1 else name for name, n in names.items())
        yield ["éléments mis de côté, gardés tels quels", "", told]
