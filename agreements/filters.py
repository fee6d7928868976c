"""Filters of what belongs to conventions."""

from agreements.models import Convention, LegalStep, Party
from cooperation.lists.filters import PartFilter, reference_filter
from cooperation.models import Partner


class PartyFilter(PartFilter):
    convention = reference_filter(Convention, label="Convention")
    partner = reference_filter(Partner, label="Partenaire")

    class Meta:
        model = Party
        fields = ["role"]


class AvenantFilter(PartFilter):
    convention = reference_filter(Convention, label="Convention")


class OfConventionFilter(PartFilter):
    """For lines that are found by their convention alone."""

    convention = reference_filter(Convention, label="Convention")


class LegalStepFilter(PartFilter):
    convention = reference_filter(Convention, label="Convention")

    class Meta:
        model = LegalStep
        fields = ["kind"]
