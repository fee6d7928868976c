from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import F, Prefetch
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from actions.details import action_details
from actions.exports import ACTION_EXPORT
from actions.facets import PARAMETERS, action_listing
from actions.filters import BudgetLineFilter, DisbursementFilter
from actions.forms import MeasurementForm, PaymentForm
from actions.models import Action, BudgetLine, Disbursement, GoodPractice
from agreements.amounts import told
from agreements.views import gone_or_404
from cooperation.caching import public_page, worked_out
from cooperation.importing.aside import kept_aside
from cooperation.lists.exports import calendar, export, feed
from cooperation.lists.listing import Rows
from cooperation.lists.pages import PAGING, PER_PAGE, paginate
from cooperation.models import Partner
from cooperation.records.gates import is_editable_by
from cooperation.values.states import ActionState

# Long texts that a list does not show.
UNLISTED = [
    "description",
    "beneficiaries",
    "results",
    "difficulties",
    "search_text",
    "convention__objectives",
    "convention__note",
    "convention__search_text",
]


@public_page(reads=PARAMETERS)
def action_list(request) -> HttpResponseBase:
    listing = action_listing(request.GET, request.user)
    places = Prefetch("places", Partner.objects.visible_to(request.user))
    visible = Action.objects.visible_to(request.user).select_related("convention")
    rows = Rows(listing, visible.defer(*UNLISTED).prefetch_related(places))
    context = {"listing": listing, "page": paginate(request, rows)}
    return render(request, "actions/action_list.html", context)


@public_page(reads=PARAMETERS)
def action_export(request, extension) -> HttpResponseBase:
    return export(request, action_listing(request.GET, request.user), ACTION_EXPORT, extension)


@public_page(reads=PARAMETERS)
def action_feed(request) -> HttpResponseBase:
    return feed(request, action_listing(request.GET, request.user), ACTION_EXPORT)


@public_page(reads=PARAMETERS)
def action_calendar(request) -> HttpResponseBase:
    return calendar(request, action_listing(request.GET, request.user), ACTION_EXPORT)


@public_page
def action_detail(request, reference) -> HttpResponseBase:
    context = action_details(reference, request.user, PER_PAGE)
    if context is None:
        action = get_object_or_404(Action.objects.select_related("convention"), reference=reference)
        return gone_or_404(request, action.convention.reference)
    context["may_edit"] = request.user.has_perm("actions.change_action") and is_editable_by(
        request.user, context["action"]
    )
    context["kept_aside"] = kept_aside(reference) if context["may_edit"] else []
    context["practices"] = GoodPractice.objects.visible_to(request.user).filter(
        action=context["action"]
    )
    context["may_draw"] = context["may_edit"] and context["action"].state == ActionState.DONE
    return render(request, "actions/action_detail.html", context)


def totals_of(request, filterset) -> list:
    """Of all its pages: added up once, whichever of them is read."""
    asked = (request.path, request.GET.urlencode(), request.user.pk)
    return worked_out("totals", *asked, make=filterset.qs.totals)


@public_page(reads=[*BudgetLineFilter.base_filters, *PAGING])
def budget_line_list(request) -> HttpResponseBase:
    """The rows behind a total of planned amounts."""
    visible = BudgetLine.objects.visible_to(request.user)
    filterset = BudgetLineFilter(request.GET, queryset=visible, request=request)
    context = {
        "filterset": filterset,
        "totals": totals_of(request, filterset),
        "page": paginate(request, told(filterset.qs, request.user)),
    }
    return render(request, "actions/budgetline_list.html", context)


@public_page(reads=[*DisbursementFilter.base_filters, *PAGING])
def disbursement_list(request) -> HttpResponseBase:
    """The rows behind a total of payments."""
    visible = Disbursement.objects.visible_to(request.user)
    filterset = DisbursementFilter(request.GET, queryset=visible, request=request)
    found = filterset.qs.select_related("budget_line__convention", "budget_line__action")
    found = found.order_by("budget_line", F("paid_on").asc(nulls_last=True), "pk")
    context = {
        "filterset": filterset,
        "totals": totals_of(request, filterset),
        "page": paginate(request, found),
    }
    return render(request, "actions/disbursement_list.html", context)


@permission_required("actions.add_measurement", raise_exception=True)
@require_http_methods(["GET", "POST"])
def measurement_add(request, reference) -> HttpResponseBase:
    """A value of one of the action's indicators, entered in a few fields."""
    editable = Action.objects.editable_by(request.user).select_related("convention")
    action = get_object_or_404(editable, reference=reference)
    form = MeasurementForm(request.POST or None, indicators=action.indicators.all())
    if form.is_valid():
        form.save()
        messages.success(request, "La mesure est enregistrée.")
        return redirect(action)
    return render(request, "actions/measurement_form.html", {"action": action, "form": form})


@permission_required("actions.add_disbursement", raise_exception=True)
@require_http_methods(["GET", "POST"])
def payment_add(request, key) -> HttpResponseBase:
    """What was paid on a budget line, from its row: the rest of it, today, unless one says otherwise."""
    editable = BudgetLine.objects.editable_by(request.user).select_related("convention", "action")
    line = get_object_or_404(editable, uid=key)
    form = PaymentForm(request.POST or None, line=line)
    page = line.action or line.convention
    if form.is_valid():
        form.save()
        messages.success(request, "Le paiement est enregistré.")
        return redirect(f"{page.get_absolute_url()}#argent")
    context = {"line": line, "page": page, "form": form}
    return render(request, "actions/payment_form.html", context)
