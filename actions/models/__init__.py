"""What is done under a convention, with whose money, and what it gave."""

from actions.models.actions import Action, Axis, conventions_of_year
from actions.models.funding import BudgetLine
from actions.models.iati import IatiActivity
from actions.models.payments import Disbursement, Instalment
from actions.models.practices import GoodPractice, candidates, reasons_for
from actions.models.results import Indicator, Measurement

__all__ = [
    "Action",
    "Axis",
    "BudgetLine",
    "Disbursement",
    "GoodPractice",
    "IatiActivity",
    "Indicator",
    "Instalment",
    "Measurement",
    "candidates",
    "conventions_of_year",
    "reasons_for",
]
