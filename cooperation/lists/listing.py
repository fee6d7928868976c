"""What the address of a list asks for: filters, search, order; and what answers."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cached_property

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from pyroaring import BitMap

from cooperation.models import ExchangeRate
from cooperation.records.references import CONVENTION_EXAMPLE, CONVENTION_REFERENCE
from cooperation.values.dates import FIRST_YEAR, LAST_YEAR
from cooperation.values.fields import AmountFormField, refuse_other_currencies
from cooperation.values.money import PARITY, PARITY_TEXT
from cooperation.values.text import forbidden_characters, search_words

# Values that a facet shows before one asks for all.
SHOWN = 8
# Parameters that are no filters: of the page, and of the other views of the same list.
APART = ("page", "facet", "vue")
ALONG = ("par", "de", "a", "disposition", "cercles")
# Values of one facet that an address may choose.
MOST_CHOSEN = 50
# Characters of one value that links carry along; a longer one is refused.
MOST_TYPED = 300


def parameters(names) -> list[str]:
    """All that the address of a list may say: its facets and typed filters, so named, and how to show it."""
    return [*names, "q", "ordering", *APART, *ALONG]


def known_part(data, names) -> QueryDict:
    """What a list knows of an address: anything else would be carried along for nothing."""
    known = QueryDict(mutable=True)
    for name in parameters(names):
        if values := data.getlist(name):
            known.setlist(name, [value[:MOST_TYPED] for value in values[: MOST_CHOSEN + 1]])
    return known


def day_field(label, **kwargs) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        validators=[
            MinValueValidator(date(FIRST_YEAR, 1, 1), f"Choisissez un jour depuis {FIRST_YEAR}."),
            MaxValueValidator(
                date(LAST_YEAR, 12, 31), f"Choisissez un jour avant {LAST_YEAR + 1}."
            ),
        ],
        **kwargs,
    )


class SearchForm(forms.Form):
    """The filters that are typed, not chosen; each list takes those that it has."""

    q = forms.CharField(
        label="Recherche",
        max_length=200,
        required=False,
        widget=forms.TextInput({"type": "search"}),
    )
    convention = forms.RegexField(
        rf"^{CONVENTION_REFERENCE}\Z",
        label="Convention (référence)",
        max_length=20,
        required=False,
        error_messages={"invalid": f"Une référence s’écrit ainsi : {CONVENTION_EXAMPLE}."},
    )
    on = day_field("État au (jour)")
    amount_min = AmountFormField(label="Montant prévu, de", min_value=0, required=False)
    amount_max = AmountFormField(label="à", min_value=0, required=False)
    amount_currency = forms.ChoiceField(
        label="en", choices=[("EUR", "euros"), ("XOF", "francs CFA")], required=False
    )
    updated_after = day_field("Modifiées depuis le")
    ordering = forms.ChoiceField(label="Trier par", required=False)

    def __init__(self, data, *, names, orders):
        super().__init__(data, auto_id="id_%s")
        for name in self.fields.keys() - {"q", "ordering", *names}:
            del self.fields[name]
        self.fields["ordering"].choices = [("", "pertinence ou date"), *orders]
        for name in self.fields.keys() & {"amount_min", "amount_max"}:
            self.fields[name].chosen_in = "amount_currency"

    def clean_q(self) -> str:
        """What no text of the registry may hold is not searched for."""
        if characters := forbidden_characters(self.cleaned_data["q"]):
            raise ValidationError(f"Caractères interdits : {', '.join(characters)}.")
        return self.cleaned_data["q"]

    def clean(self) -> None:
        refuse_other_currencies(self, default="EUR")


class Listing:
    """A list as its address describes it, for one person.

    `errors` tells which filters make no sense; the list is then empty.
    """

    def __init__(self, index, data, user, *, names=(), orders=()):
        self.index, self.user, self.shape = index, user, {"names": names, "orders": orders}
        self.facets = [
            f for f in index.facets.values() if not f.is_private or user.is_authenticated
        ]
        self.data = known_part(data, [*(f.name for f in self.facets), *names])
        self.form = SearchForm(data, names=names, orders=orders)
        self.form.is_valid()
        self.typed = self.form.cleaned_data
        self.errors = [
            (name, self.form.fields[name].label, f"id_{name}", message)
            for name, messages in self.form.errors.items()
            for message in messages
        ]
        with index:
            self.choose()
            self.answer()

    def choose(self) -> None:
        """The values chosen of each facet; what is no value of it is an error."""
        self.chosen, self.labels_of = {}, {}
        for facet in self.facets:
            values = [value for value in dict.fromkeys(self.data.getlist(facet.name)) if value]
            known = self.labels_of[facet.name] = dict(self.labels(facet))
            unknown = [value for value in values if value not in known]
            if unknown:
                # What no label can be is not even asked for.
                known = known | facet.labels([v for v in unknown if not forbidden_characters(v)])
            if strange := [value for value in unknown if value not in known]:
                message = f"« {strange[0][:80]} » n’est pas un choix. {facet.help}".strip()
                self.errors.append((facet.name, facet.label, f"facet-{facet.name}", message))
            if len(values) > MOST_CHOSEN:
                message = f"Choisissez-en {MOST_CHOSEN} au plus."
                self.errors.append((facet.name, facet.label, f"facet-{facet.name}", message))
            elif values:
                self.chosen[facet.name] = {value: known.get(value, value) for value in values}

    def labels(self, facet) -> dict:
        return self.index.labels(facet.name, self.day if facet.name in self.index.daily else None)

    def open_values(self, facet) -> list[str]:
        """What one may choose of a facet: all of a closed list, else what something visible has."""
        if choices := getattr(facet.labels, "choices", None):
            return choices
        with self.index:
            visible, held = self.index.visible_to(self.user), self.index.held[facet.name]
            return [v for v in self.labels_of[facet.name] if held[v].intersect(visible)]

    @cached_property
    def words(self) -> list[str]:
        """The folded words searched for."""
        return search_words(self.typed.get("q") or "")

    @property
    def day(self) -> date | None:
        """The day on which states are told; None is today."""
        return self.typed.get("on")

    def answer(self) -> None:
        """What is found: sets of keys, the best matches first; and what each facet then holds."""
        visible = BitMap() if self.errors else self.index.visible_to(self.user)
        visible = self.typed_filters(visible)
        chosen = {
            name: self.index.having(name, values, self.day) for name, values in self.chosen.items()
        }
        text = self.typed.get("q") or ""
        found = self.index.search(text, visible) if self.words else [visible]
        whole = BitMap.union(*found) if self.words else visible
        # What is withdrawn or merged counts where somebody asks for a status, or for one convention.
        current = whole
        if not ("status" in chosen or self.typed.get("convention")):
            current = self.index.without_gone(whole)
            found = [self.index.without_gone(keys) for keys in found]
        self.counts = {
            facet.name: self.counted(facet, whole if facet.name == "status" else current, chosen)
            for facet in self.facets
        }
        if self.typed.get("ordering"):
            found = [current]
        self.found = [BitMap.intersection(keys, *chosen.values()) for keys in found]
        self.count = sum(map(len, self.found))

    def typed_filters(self, keys) -> BitMap:
        least, most = (self.in_euros(self.typed.get(name)) for name in ("amount_min", "amount_max"))
        if least is not None or most is not None:
            keys = keys & self.index.between(least, most)
        if reference := self.typed.get("convention"):
            parts = self.index.records().filter(convention__reference=reference).order_by()
            keys = keys & BitMap(parts.values_list("pk", flat=True))
        if day := self.typed.get("updated_after"):
            records = self.index.records().order_by()
            recent = records.filter(**{f"{records.model.changed_field}__date__gte": day})
            keys = keys & BitMap(recent.values_list("pk", flat=True))
        return keys

    @property
    def rates(self) -> list[str]:
        """The rates behind a range of amounts, where there is one: as people write them."""
        if all(self.typed.get(name) is None for name in ("amount_min", "amount_max")):
            return []
        return [PARITY_TEXT, *map(str, ExchangeRate.objects.known_on().values())]

    def in_euros(self, amount) -> Decimal | None:
        if amount is None:
            return None
        return amount / PARITY if self.typed.get("amount_currency") == "XOF" else Decimal(amount)

    def counted(self, facet, searched, chosen) -> list[tuple]:
        """[(value, count), …] of a facet under the other filters: largest first, or in its order."""
        others = [keys for name, keys in chosen.items() if name != facet.name]
        within = BitMap.intersection(searched, *others) if others else searched
        day = self.day if facet.name in self.index.daily else None
        return self.index.counts(facet.name, self.labels_of[facet.name], within, day)

    # For the page

    def boxes(self) -> Iterator:
        """The facets as the page shows them: the values most found, and those chosen."""
        shown = self.data.get("facet")
        for facet in self.facets:
            counts, chosen = self.counts[facet.name], self.chosen.get(facet.name, {})
            labels = self.labels_of[facet.name] | chosen
            listed = counts if shown == facet.name else counts[:SHOWN]
            missing = chosen.keys() - dict(listed).keys()
            counted = dict(counts)
            listed = listed + [
                (value, counted.get(value, 0)) for value in chosen if value in missing
            ]
            # What is chosen comes first, and so never hides among « 6 autres ».
            listed.sort(key=lambda one: one[0] not in chosen)
            most = max((count for _, count in counts), default=1) or 1
            if listed:
                yield {
                    "name": facet.name,
                    "label": facet.label,
                    # (value, label, count, whether it is chosen, per cent of the largest count)
                    "values": [
                        (v, labels[v], count, v in chosen, round(100 * count / most))
                        for v, count in listed
                    ],
                    "more": max(0, len(counts) - len(listed)),
                    "is_open": bool(chosen) or shown == facet.name,
                }

    @cached_property
    def active(self) -> list[dict]:
        """The filters in use: their label, value, and the address of the list without them."""
        if self.errors:
            return []
        found = []
        for facet in self.facets:
            for value, label in self.chosen.get(facet.name, {}).items():
                found.append(
                    {
                        "label": facet.label,
                        "value": label,
                        "address": self.without(facet.name, value),
                    }
                )
        for name, field in self.form.fields.items():
            value = self.typed.get(name)
            if value in (None, "") or name in ("ordering", "amount_currency"):
                continue
            shown = value.strftime("%d/%m/%Y") if isinstance(value, date) else value
            if name.startswith("amount"):
                shown = f"{shown} {self.typed.get('amount_currency') or 'EUR'}"
            found.append({"label": field.label, "value": shown, "address": self.without(name)})
        return found

    def near(self) -> list[dict]:
        """Where nothing is found: what dropping one of several filters would find, the most first."""
        found = []
        for one in self.active if len(self.active) > 1 else ():
            wider = Listing(self.index, QueryDict(one["address"][1:]), self.user, **self.shape)
            if wider.count:
                found.append(one | {"count": wider.count})
        return sorted(found, key=lambda one: -one["count"])

    def meant(self) -> dict | None:
        """Where nothing is found: {"words", "address", "count"} of close words that find something."""
        if self.count or self.errors or not self.words:
            return None
        with self.index as index:
            visible = index.visible_to(self.user)
            words = [index.nearest(word, visible) for word in self.words]
        if "" in words or words == self.words:
            return None
        data = self.data.copy()
        data["q"] = " ".join(words)
        other = Listing(self.index, data, self.user, **self.shape)
        address = f"?{data.urlencode()}"
        return (
            {"words": data["q"], "address": address, "count": other.count} if other.count else None
        )

    def without(self, name, value=None) -> str:
        remaining = self.data.copy()
        kept = [other for other in remaining.pop(name, []) if value is not None and other != value]
        if kept:
            remaining.setlist(name, kept)
        for other in APART:
            remaining.pop(other, None)
        return f"?{remaining.urlencode()}"

    def narrowed(self, name, value) -> str:
        """The filters with one value of a facet in place of those chosen."""
        data = self.data.copy()
        for other in (name, *APART, *ALONG):
            data.pop(other, None)
        data[name] = value
        return data.urlencode()

    @cached_property
    def query(self) -> str:
        """The filters alone, for the addresses of files and feeds."""
        kept = self.data.copy()
        for name in APART:
            kept.pop(name, None)
        return kept.urlencode()

    @property
    def keys_found(self) -> BitMap:
        """All that is found, in no order."""
        return BitMap.union(*self.found)

    def held(self, name) -> dict[str, BitMap]:
        """{value of a facet: keys of what is found that have it}"""
        with self.index.lock:
            held, found = self.index.held[name], self.keys_found
            return {value: held[value] & found for value in self.labels_of[name] if value in held}

    def narrow(self, keys) -> None:
        """Keep only some of what is found."""
        self.found = [found & keys for found in self.found]
        self.count = sum(map(len, self.found))

    # For paginators

    def newest(self, count) -> list[int]:
        """Keys of the records that changed last."""
        with self.index.lock:
            return self.index.page([self.keys_found], "-updated", 0, count)

    def keys(self, start, stop) -> list[int]:
        order = self.typed.get("ordering") or next(iter(self.index.orders))
        with self.index.lock:
            return self.index.page(self.found, order, start, stop)


class Rows:
    """A result as a sequence: a paginator counts it and takes a slice, read through the gate."""

    ordered = True

    def __init__(self, listing, queryset):
        self.listing, self.queryset = listing, queryset

    def __len__(self):
        return self.listing.count

    def __getitem__(self, part):
        keys = self.listing.keys(part.start, part.stop)
        # Without an order of its own: a database would rather read all in that order than by key.
        rows = {row.pk: row for row in self.queryset.filter(pk__in=keys).order_by()}
        return [rows[key] for key in keys if key in rows]
