"""Two people write the same text at once: neither loses a word."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher

# What changes are looked at in: sentences and lines first; words within one that both changed.
SENTENCE = re.compile(r"\n|[^\n]*?[.!?…:;](?:\s(?=\S)|(?=\n)|$)|[^\n]+")
WORD = re.compile(r"\n|[^\S\n]+|\S+")
# How much of a sentence both must have left for their words to be woven together.
ALIKE = 0.5


class OverlapError(Exception):
    """Both changed the same words."""


@dataclass(frozen=True)
class Hunk:
    """What one of two texts has in place of base[start:end]."""

    start: int
    end: int
    tokens: list[str]

    @property
    def is_insertion(self) -> bool:
        return self.start == self.end


def merged(base: str, mine: str, theirs: str) -> str:
    """`theirs` with what was changed from `base` to `mine`.

    Where both changed the same words, both are there, the second marked: a person decides. Where one
    took away what the other changed, the change stays.
    """
    base, mine, theirs = (text.replace("\r\n", "\n") for text in (base, mine, theirs))
    if mine in (base, theirs):
        return theirs
    if theirs == base:
        return mine
    return woven(base, mine, theirs, SENTENCE, by_words)


def by_words(base: str, mine: str, theirs: str) -> str:
    """A passage that both changed."""
    if all(
        SequenceMatcher(None, base, text, autojunk=False).ratio() >= ALIKE
        for text in (mine, theirs)
    ):
        try:
            return woven(base, mine, theirs, WORD, refused)
        except OverlapError:
            pass
    end = "\n" if theirs.endswith("\n") or mine.endswith("\n") else " "
    return f"{theirs.rstrip()}\n[Autre rédaction du même passage : {mine.strip()}]{end}"


def refused(base: str, mine: str, theirs: str) -> str:
    raise OverlapError


def woven(base: str, mine: str, theirs: str, token: re.Pattern, overlap: Callable) -> str:
    tokens = token.findall(base)
    found, place = [], 0
    for start, end, own, others in clusters(
        hunks(tokens, mine, token), hunks(tokens, theirs, token)
    ):
        found += tokens[place:start]
        texts = [applied(tokens, start, end, changes) for changes in ((), own, others)]
        found.append(joined(*texts, own, others, overlap))
        place = end
    return "".join([*found, *tokens[place:]])


def hunks(base: list[str], text: str, token: re.Pattern) -> list[Hunk]:
    tokens = token.findall(text)
    matcher = SequenceMatcher(None, base, tokens, autojunk=False)
    return [
        Hunk(start, end, tokens[first:last])
        for kind, start, end, first, last in matcher.get_opcodes()
        if kind != "equal"
    ]


def clusters(mine, theirs) -> list[tuple[int, int, list[Hunk], list[Hunk]]]:
    """[(start, end, own hunks, the other's), …]: changes that overlap or touch are looked at together."""
    found = []
    every = [*((hunk, 0) for hunk in mine), *((hunk, 1) for hunk in theirs)]
    for hunk, side in sorted(every, key=lambda one: (one[0].start, one[0].end)):
        if found and hunk.start <= found[-1][1]:
            found[-1][1] = max(found[-1][1], hunk.end)
        else:
            found.append([hunk.start, hunk.end, [], []])
        found[-1][2 + side].append(hunk)
    return [tuple(one) for one in found]


def joined(base, mine, theirs, own, others, overlap) -> str:
    """What stands in place of a passage that one or both have changed."""
    if not own or mine == theirs:
        return theirs
    if not others:
        return mine
    if not mine.strip() or not theirs.strip():
        return theirs if theirs.strip() else mine
    if all(hunk.is_insertion for hunk in (*own, *others)):
        # Two who add at the same place: one after the other.
        apart = "" if theirs[-1].isspace() or mine[0].isspace() else "\n"
        return f"{theirs}{apart}{mine}"
    return overlap(base, mine, theirs)


def applied(tokens, start, end, changes) -> str:
    """tokens[start:end] with the changes of one text."""
    found, place = [], start
    for hunk in changes:
        found += [*tokens[place : hunk.start], *hunk.tokens]
        place = hunk.end
    return "".join([*found, *tokens[place:end]])
