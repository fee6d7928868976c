"""Which partner a name means: exactly one, or a question to the person who imports."""

import re
from collections import defaultdict
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from cooperation.models import Partner, PartnerCode
from cooperation.values.places import country_names
from cooperation.values.text import fold

# Names at least so alike are proposed, out of 100.
ALIKE = 75
MOST_PROPOSED = 5
# Letters of a name that may be proposed because another holds it.
SHORTEST = 4

# Words that say what a partner is, before its name.
TITLE = re.compile(
    r"^(?:la |le )?(?:commune|ville|mairie|municipalite) (?:de la |de l |de |d |du |des )?(?=.)"
)

# Answers to a question, besides the slug of a partner or a value of a list: one that is new, the
# whole row left out, a word kept aside with the record.
NEW, LEAVE, ASIDE = "+", "-", "~"
# What keys of questions begin with: who is meant by a name, what by a word of a column, which record
# of the registry by a row; and how each is asked.
WHO, WORD, WHICH = "partenaire:", "valeur:", "ligne:"
ASKED = {
    WHO: "qui est-ce ?",
    WORD: "que veut dire ce mot ?",
    WHICH: "est-ce une fiche du registre ?",
}


@dataclass(eq=False)
class Doubt(Exception):
    """What cannot be decided from the file alone; `key` is what an answer is kept under."""

    key: str
    text: str
    # [(answer, what it means), …]
    choices: tuple[tuple[str, str], ...]
    # What the same cell leaves open besides.
    others: tuple["Doubt", ...] = ()

    @property
    def question(self) -> str:
        return next(text for start, text in ASKED.items() if self.key.startswith(start))


def core(text) -> str:
    """A name without what only says what it is: « la Ville d’Orléans » -> "orleans"."""
    return TITLE.sub("", fold(text))


def letters(text) -> str:
    return core(text).replace(" ", "")


class PartnerMatcher:
    """Finds partners by name, acronym, alias or code, without accents, case or hyphens.

    `partners` are those that the person may name. `answers` are theirs to earlier questions:
    {key: slug, NEW or LEAVE}.
    """

    def __init__(self, partners, answers=None):
        self.answers = answers or {}
        self.by_name, self.by_core, self.by_letters = (defaultdict(set) for _ in range(3))
        self.names, self.slug_of, self.key_of, self.doubts = {}, {}, {}, {}
        # {key: {"country", "kind"}}: what tells homonyms apart.
        self.facts_of = {}
        names = ("pk", "slug", "country", "kind", "name", "short_name", "aliases")
        rows = partners.order_by().values_list(*names)
        for key, slug, country, kind, name, short_name, aliases in rows.iterator():
            self.slug_of[key], self.key_of[slug] = slug, key
            self.facts_of[key] = {"country": country, "kind": kind}
            self.names[key] = f"{name} ({short_name})" if short_name else name
            for known in (name, short_name, self.names[key], *aliases.splitlines()):
                if known.strip():
                    self.by_name[fold(known)].add(key)
                    self.by_core[core(known)].add(key)
                    self.by_letters[letters(known)].add(key)
        codes = PartnerCode.objects.filter(partner__in=partners.values("pk")).order_by()
        for code, key in codes.values_list("code", "partner"):
            self.by_name[fold(code)].add(key)

    def find(self, text, country="") -> int | None:
        """The key of the one partner so named, or None for one to be made; Doubt otherwise.

        Of homonyms, the one of the `country`; none of another country is meant.
        """
        found = self.named(text)
        if country:
            of = {key: self.facts_of[key]["country"] for key in found}
            found = {key for key in found if of[key] == country} or {k for k in found if not of[k]}
        if len(found) == 1:
            return next(iter(found))
        return self.answered(text, found, country)

    def named(self, text) -> set[int]:
        """Keys of the partners that have this name: as it is written, or else without its title, or
        else without spaces, hyphens and apostrophes (NDALI, SOAVA, Portonovo)."""
        return (
            self.by_name.get(fold(text))
            or self.by_core.get(core(text))
            or self.by_letters.get(letters(text))
            or set()
        )

    def answered(self, text, found, country) -> int | None:
        key = f"{WHO}{fold(text)}" + (f"@{country}" if country else "")
        answer = self.answers.get(key)
        if answer in self.key_of:
            return self.key_of[answer]
        if answer == NEW:
            return None
        if key not in self.doubts:
            self.doubts[key] = self.proposals(text, found)
        where = f" ({country_names().get(country, country)})" if country else ""
        raise Doubt(key, f"{text}{where}", self.doubts[key])

    def proposals(self, text, found) -> tuple:
        """Those so named or, of none, those whose names hold this one, or are held by it, and alike ones.

        Each says why it is proposed.
        """
        why = dict.fromkeys(sorted(found), "porte ce nom")
        if not found:
            words = f" {core(text)} "
            for name in self.by_core:
                if min(len(name), len(words) - 2) >= SHORTEST and (
                    words in f" {name} " or f" {name} " in words
                ):
                    holds = words in f" {name} "
                    reason = "son nom contient celui-ci" if holds else "celui-ci contient son nom"
                    for key in sorted(self.by_core[name]):
                        why.setdefault(key, reason)
            alike = process.extract(
                core(text),
                self.by_core.keys(),
                scorer=fuzz.token_sort_ratio,
                limit=MOST_PROPOSED,
                score_cutoff=ALIKE,
            )
            for name, score, _ in alike:
                for key in sorted(self.by_core[name]):
                    why.setdefault(key, f"nom proche à {score:.0f} %")
        return tuple(
            (self.slug_of[key], f"{self.label(key)} – {reason}")
            for key, reason in list(why.items())[:MOST_PROPOSED]
        )

    def label(self, key) -> str:
        return Partner.objects.get(pk=key).told_apart
