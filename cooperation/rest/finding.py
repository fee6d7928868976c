"""Primary keys matched by an API list, from the index or a FilterSet."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from types import SimpleNamespace

from django.db.models import QuerySet
from django.forms import ModelChoiceField
from pyroaring import BitMap

from cooperation.rest.problems import ParameterError, unread
from cooperation.rest.reading import chunks
from cooperation.rest.schema import facet_parameters, form_parameters


class ListingFound:
    """By the index, with the filters, the search and the orders of a page."""

    def __init__(self, make, params, user):
        self.listing = make(params, user)
        self.names = {*self.listing.labels_of, *self.listing.form.fields}
        self.several = set(self.listing.labels_of)

    @property
    def errors(self) -> Iterator:
        typed = self.listing.form.errors.as_data()
        for name, _, _, message in self.listing.errors:
            if name in typed:
                yield typed_error(self.listing.form, name, message, typed[name])
            else:
                allowed = self.listing.open_values(self.listing.index.facets[name])
                yield ParameterError(name, message, "invalid_choice", allowed)

    def described(self) -> Iterator:
        yield from facet_parameters(self.listing)
        yield from form_parameters(self.listing.form)

    @property
    def count(self) -> int:
        return self.listing.count

    def keys(self, start, stop) -> list[int]:
        """Those of one page, in the order asked for."""
        return self.listing.keys(start, stop)

    def after(self, key, size) -> list[int]:
        """The next ones in the order in which they were entered, at any depth alike."""
        found = self.listing.keys_found
        start = found.rank(key)
        return list(found[start : start + size])

    def narrow(self, keys) -> list[int]:
        """Keep only some; returns those of them that are not found."""
        wanted = BitMap(keys)
        missing = wanted - self.listing.keys_found
        self.listing.narrow(wanted)
        return list(missing)


class FilteredFound:
    """By a FilterSet, in the order in which they were entered."""

    def __init__(self, filterset_class, parameters, records, user):
        request = SimpleNamespace(user=user, GET=parameters)
        self.filterset = filterset_class(parameters, records, request=request)
        self.names, self.several = set(self.filterset.filters), set()
        self.some = None

    @property
    def errors(self) -> Iterator:
        form = self.filterset.form
        for name, errors in form.errors.as_data().items():
            for error in errors:
                (message,) = error.messages
                yield typed_error(form, name, message, [error])

    def described(self) -> Iterable:
        return form_parameters(self.filterset.form)

    @property
    def records(self) -> QuerySet:
        return self.filterset.qs.order_by("pk")

    @property
    def count(self) -> int:
        return self.records.count() if self.some is None else len(self.some)

    def keys(self, start, stop) -> list[int]:
        if self.some is not None:
            return self.some[start:stop]
        return list(self.records.values_list("pk", flat=True)[start:stop])

    def after(self, key, size) -> list[int]:
        if self.some is not None:
            start = bisect_right(self.some, key)
            return self.some[start : start + size]
        return list(self.records.filter(pk__gt=key).values_list("pk", flat=True)[:size])

    def narrow(self, keys) -> list[int]:
        self.some = sorted(
            key
            for some in chunks(keys)
            for key in self.records.filter(pk__in=some).values_list("pk", flat=True)
        )
        return list(set(keys).difference(self.some))


def typed_error(form, name, message, errors) -> ParameterError:
    if isinstance(form.fields[name], ModelChoiceField):
        return ParameterError(
            name, f"{form.fields[name].label} : rien ne porte ce nom.", "not_found"
        )
    allowed = [str(value) for value, _ in getattr(form.fields[name], "choices", ()) if value]
    return ParameterError(name, *unread(form.fields[name], message, errors[0].code), allowed)
