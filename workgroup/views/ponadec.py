"""Indicators of the PONADEC as the secretariat keeps them: their definition, and years with their sources."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from workgroup.models import PonadecIndicator, PonadecYear
from workgroup.ponadec import PonadecIndicatorForm, PonadecYearForm


@permission_required("workgroup.add_ponadecindicator", raise_exception=True)
@require_http_methods(["GET", "POST"])
@transaction.atomic
def ponadec_add(request) -> HttpResponseBase:
    form = PonadecIndicatorForm(request.POST or None, user=request.user)
    if form.is_valid():
        indicator = form.save()
        messages.success(request, "L’indicateur est ajouté : saisissez ses années.")
        return redirect(indicator)
    context = {"form": form, "title": "Ajouter un indicateur de la PONADEC"}
    return render(request, "cooperation/page_form.html", context)


@permission_required("workgroup.change_ponadecindicator", raise_exception=True)
@require_http_methods(["GET", "POST"])
@transaction.atomic
def ponadec_edit(request, slug) -> HttpResponseBase:
    indicator = get_object_or_404(PonadecIndicator.objects.editable_by(request.user), slug=slug)
    form = PonadecIndicatorForm(request.POST or None, instance=indicator, user=request.user)
    if form.is_valid():
        form.save()
        messages.success(request, "L’indicateur est corrigé.")
        return redirect(indicator)
    context = {"form": form, "title": f"Modifier : {indicator}", "back": indicator}
    return render(request, "cooperation/page_form.html", context)


@permission_required("workgroup.change_ponadecindicator", raise_exception=True)
@require_http_methods(["GET", "POST"])
@transaction.atomic
def ponadec_year_edit(request, slug, key="") -> HttpResponseBase:
    """One year of an indicator: a new one, or the one so numbered, corrected.

    The indicator is locked: two people enter no year twice.
    """
    editable = PonadecIndicator.objects.editable_by(request.user).select_for_update()
    indicator = get_object_or_404(editable, slug=slug)
    year = PonadecYear(indicator=indicator)
    if key:
        year = get_object_or_404(indicator.years.editable_by(request.user), uid=key)
    form = PonadecYearForm(request.POST or None, instance=year, user=request.user)
    if form.is_valid():
        form.save()
        messages.success(request, f"L’année {form.instance.year} est enregistrée.")
        return redirect(f"{reverse('ponadec_detail', args=[slug])}?an={form.instance.year}")
    # Of what is computed, the target alone is typed.
    told = "une cible" if indicator.computed else "une année"
    title = f"Corriger : {year}" if key else f"Saisir {told} : {indicator}"
    context = {"form": form, "title": title, "back": indicator}
    return render(request, "cooperation/page_form.html", context)
