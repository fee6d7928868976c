"""Readers say what is wrong with a record, and are answered."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from agreements.models import MOST_A_DAY, MOST_WAITING, Convention, ErrorNotice
from cooperation.entry.notices import agents_of, notify, secretariat, write_to
from cooperation.lists.pages import paginate
from cooperation.networks import network_of
from cooperation.roles import enters_for, is_secretariat
from cooperation.values.text import forbidden_characters

NOTICE_SENT = "Merci. Le secrétariat et la commune sont prévenus de votre signalement."
NOTICE_KEPT = "Merci. Votre signalement attend le secrétariat et la commune dans leur liste."
NOTICE_ANSWERED = "Ce signalement est clos : la réponse est partie."
NOTICE_CLOSED = "Ce signalement est clos ; personne n’avait laissé d’adresse."


class ErrorNoticeForm(forms.ModelForm):
    """For any reader; `network` is where it comes from, on this day."""

    # No person sees it: what is typed here was typed by a program.
    website = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = ErrorNotice
        fields = ["text", "reply_to"]
        widgets = {"text": forms.Textarea(attrs={"rows": 6})}

    def __init__(self, *args, convention, network, **kwargs):
        super().__init__(*args, **kwargs)
        self.instance.convention, self.instance.network = convention, network

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("website"):
            raise ValidationError(
                "Ce formulaire a été rempli par un programme : rien n’est envoyé."
            )
        if characters := forbidden_characters(cleaned.get("text", "")):
            self.add_error(
                "text", f"Caractères interdits : {', '.join(characters)}. Retapez ce texte."
            )
        today = ErrorNotice.objects.filter(sent_at__gte=timezone.now() - timedelta(days=1))
        mine = today.filter(network=self.instance.network).count()
        waiting = self.instance.convention.error_notices.waiting().count()
        if mine >= MOST_A_DAY or waiting >= MOST_WAITING:
            raise ValidationError(
                "Trop de signalements attendent déjà une réponse. Revenez demain : votre texte reste "
                "ci-dessous, copiez-le."
            )
        return cleaned


class AnswerForm(forms.ModelForm):
    """What whoever answers says to whoever wrote."""

    class Meta:
        model = ErrorNotice
        fields = ["answer"]
        widgets = {"answer": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["answer"].required = True


@never_cache
@require_http_methods(["GET", "POST"])
def error_notice_add(request, reference) -> HttpResponseBase:
    """Anybody says what is wrong with a public record: the secretariat and its communes read it."""
    convention = get_object_or_404(Convention.objects.published(), reference=reference)
    form = ErrorNoticeForm(request.POST or None, convention=convention, network=network_of(request))
    if form.is_valid():
        form.save()
        people = secretariat() | agents_of(convention)
        told = notify(
            people.distinct(), "error_notice", reverse("error_notice_list"), convention=convention
        )
        messages.success(request, NOTICE_SENT if told else NOTICE_KEPT)
        return redirect(convention)
    return render(
        request, "agreements/error_notice_form.html", {"convention": convention, "form": form}
    )


@login_required
@require_http_methods(["GET", "POST"])
def error_notice_list(request) -> HttpResponseBase:
    """What readers say is wrong with what a person may edit, and the answers."""
    notices = ErrorNotice.objects.answerable_by(request.user).select_related(
        "convention", "answered_by"
    )
    if not enters_for(request.user) and not is_secretariat(request.user):
        raise PermissionDenied
    chosen, form = None, AnswerForm()
    if request.method == "POST":
        key = request.POST.get("signalement", "")
        chosen = get_object_or_404(notices, pk=key if key.isdecimal() and len(key) < 10 else 0)
        form = AnswerForm(request.POST, instance=chosen)
        if chosen.answered_at:
            messages.error(request, "Quelqu’un vient de répondre à ce signalement. Relisez-le.")
            return redirect("error_notice_list")
        if form.is_valid():
            address = chosen.close(form.cleaned_data["answer"], request.user)
            if address:
                write_to(
                    address, "error_answer", chosen.convention.get_absolute_url(), notice=chosen
                )
            messages.success(request, NOTICE_ANSWERED if address else NOTICE_CLOSED)
            return redirect("error_notice_list")
    context = {"page": paginate(request, notices), "form": form, "chosen": chosen}
    return render(request, "agreements/error_notice_list.html", context)
