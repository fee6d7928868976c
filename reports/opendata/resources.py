"""The resources of the API, by their names in addresses; dumps and urls.py read them here."""

from actions.rest.conventions import ActionViewSet, AxisViewSet, ConventionViewSet
from actions.rest.money import BudgetLineViewSet, DisbursementViewSet, InstalmentViewSet
from actions.rest.practices import GoodPracticeViewSet
from actions.rest.results import IndicatorViewSet, MeasurementViewSet
from agreements.api import LIFE_VIEWS, AvenantViewSet, LegalStepViewSet, PartyViewSet
from cooperation.api import (
    ArrondissementViewSet,
    DocumentViewSet,
    MembershipViewSet,
    PartnerViewSet,
    ThemeViewSet,
)
from cooperation.rest.writing import WritableViewSet
from reports.opendata.indicators import PonadecViewSet
from workgroup.api import (
    GroupMeetingViewSet,
    MinutesViewSet,
    OfficialTextViewSet,
    SharedDocumentViewSet,
)

RESOURCES = {
    "conventions": ConventionViewSet,
    "avenants": AvenantViewSet,
    "parties": PartyViewSet,
    "legal-steps": LegalStepViewSet,
    **LIFE_VIEWS,
    "partners": PartnerViewSet,
    "memberships": MembershipViewSet,
    "axes": AxisViewSet,
    "actions": ActionViewSet,
    "budget-lines": BudgetLineViewSet,
    "instalments": InstalmentViewSet,
    "disbursements": DisbursementViewSet,
    "indicators": IndicatorViewSet,
    "measurements": MeasurementViewSet,
    "good-practices": GoodPracticeViewSet,
    "group-meetings": GroupMeetingViewSet,
    "minutes": MinutesViewSet,
    "official-texts": OfficialTextViewSet,
    "shared-documents": SharedDocumentViewSet,
    "ponadec-indicators": PonadecViewSet,
    "documents": DocumentViewSet,
    "themes": ThemeViewSet,
    "arrondissements": ArrondissementViewSet,
}
WRITTEN = {name: view for name, view in RESOURCES.items() if issubclass(view, WritableViewSet)}
