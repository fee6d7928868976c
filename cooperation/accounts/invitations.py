"""Coming to an account: asking for one, being invited, and the secretariat's page of them all."""

from collections.abc import Callable

from allauth.account.utils import perform_login
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cooperation.accounts.adapter import remember_device
from cooperation.accounts.forms import (
    AccessRequestForm,
    InvitationForm,
    NewAccountForm,
    RefusalForm,
)
from cooperation.entry.notices import notify, secretariat, write_to
from cooperation.lists.pages import paginate
from cooperation.models import AccessRequest, Invitation, User
from cooperation.networks import network_of
from cooperation.roles import enters_for
from cooperation.values.text import clean_text

MANAGE = "cooperation.change_user"
OTHERS_ONLY = "C’est votre propre compte : demandez à une autre personne du secrétariat."
ANSWERED = "Quelqu’un vient de répondre à cette demande."


def keepers_only(view) -> Callable:
    """For those who keep accounts; others sign in, or are told that they may not."""
    return login_required(permission_required(MANAGE, raise_exception=True)(view))


@never_cache
@require_http_methods(["GET", "POST"])
def access_request(request: HttpRequest) -> HttpResponse:
    """Somebody of a commune asks for an account."""
    form = AccessRequestForm(request.POST or None, network=network_of(request))
    if form.is_valid():
        form.save()
        AccessRequest.objects.all().forget_old()
        notify(secretariat(), "access_asked", reverse("account_list"), asked=form.instance)
        messages.success(
            request,
            "Votre demande attend le secrétariat. Il vérifie, puis une invitation arrive à "
            f"{form.instance.email}, ou la raison d’un refus.",
        )
        return redirect("account_login")
    return render(request, "account/access_request.html", {"form": form})


@never_cache
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """The page of an invitation's link: who was invited makes their account, and is in."""
    known = Invitation.known_by(secret)
    if known is None or not known.is_open:
        return render(request, "account/invitation_over.html", {"invitation": known}, status=410)
    form = NewAccountForm(request.POST or None, invitation=known)
    if form.is_valid():
        try:
            user = form.save()
        except ValidationError as error:
            form.add_error(None, error)
    if form.is_valid():
        notify(
            User.objects.filter(pk=known.invited_by_id),
            "invitation_taken",
            reverse("account_list"),
            user=user,
        )
        messages.success(request, "Votre compte est ouvert, et vous êtes connecté.")
        onward = reverse("own_conventions" if enters_for(user) else "account_home")
        response = perform_login(request, user, redirect_url=onward)
        remember_device(response, user.get_username())
        return response
    return render(request, "account/invitation.html", {"form": form, "invitation": known})


@keepers_only
@require_safe
def account_list(request: HttpRequest) -> HttpResponse:
    """Who asks, who was invited and has not come, who has an account and when it last served."""
    searched = clean_text(request.GET.get("q", "")).strip()[:100]
    context = {
        "page": paginate(request, accounts_for(request.user, searched)),
        "searched": searched,
        "requests": AccessRequest.objects.waiting().select_related("partner"),
        "invitations": Invitation.objects.unanswered().select_related("partner", "invited_by"),
    }
    return render(request, "account/list.html", context)


def accounts_for(user, searched="") -> QuerySet:
    """The accounts that a person keeps; those who never signed in first, closed ones last."""
    factors = Authenticator.objects.filter(user=OuterRef("pk"))
    users = User.objects.select_related("partner").annotate(has_factors=Exists(factors))
    if not user.is_superuser:
        users = users.filter(is_superuser=False)
    for word in searched.split():
        names = ("username", "first_name", "last_name", "email", "partner__name")
        found = Q()
        for name in names:
            found |= Q(**{f"{name}__icontains": word})
        users = users.filter(found)
    return users.order_by("-is_active", F("last_login").desc(nulls_first=True), "username")


@keepers_only
@require_http_methods(["GET", "POST"])
def invitation_add(request: HttpRequest) -> HttpResponse:
    """Invite somebody: by themselves, or in answer to a request (?pour=REFERENCE)."""
    wanted = clean_text(request.GET.get("pour", ""))
    asked = AccessRequest.objects.waiting().filter(reference=wanted).first()
    if wanted and asked is None:
        messages.error(request, ANSWERED)
        return redirect("account_list")
    initial = {"email": asked.email, "name": asked.name, "partner": asked.partner} if asked else {}
    form = InvitationForm(request.POST or None, initial=initial)
    if form.is_valid():
        with transaction.atomic():
            if asked and not asked.answer(request.user):
                messages.error(request, ANSWERED)
                return redirect("account_list")
            form.instance.invited_by = request.user
            send_invitation(form.instance)
        messages.success(request, f"L’invitation part vers {form.instance.email}.")
        return redirect("account_list")
    return render(request, "account/invite.html", {"form": form, "asked": asked})


def send_invitation(given: Invitation) -> None:
    address = reverse("invitation", args=[given.give()])
    write_to(given.email, "invitation", address, invitation=given)


@keepers_only
@require_http_methods(["GET", "POST"])
def access_refuse(request: HttpRequest, reference: str) -> HttpResponse:
    asked = get_object_or_404(AccessRequest.objects.waiting(), reference=reference)
    form = RefusalForm(request.POST or None)
    if form.is_valid():
        refusal = form.cleaned_data["refusal"]
        if not asked.answer(request.user, refusal):
            messages.error(request, ANSWERED)
            return redirect("account_list")
        write_to(asked.email, "access_refused", reverse("contact"), asked=asked)
        messages.success(request, f"La demande est refusée : le motif part vers {asked.email}.")
        return redirect("account_list")
    return render(request, "account/refuse.html", {"form": form, "asked": asked})


@keepers_only
@require_POST
def invitation_again(request: HttpRequest, reference: str) -> HttpResponse:
    """A new link, good for seven days; the former one opens nothing any more."""
    with transaction.atomic():
        waiting = Invitation.objects.unanswered().select_for_update()
        given = get_object_or_404(waiting, reference=reference)
        send_invitation(given)
    messages.success(request, f"L’invitation part de nouveau vers {given.email}.")
    return redirect("account_list")


@keepers_only
@require_POST
def invitation_withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    given = get_object_or_404(Invitation.objects.unanswered(), reference=reference)
    Invitation.objects.unanswered().filter(pk=given.pk).update(withdrawn_at=timezone.now())
    messages.success(request, f"L’invitation de {given.email} n’ouvre plus rien.")
    return redirect("account_list")


def another_s(request, username) -> User | None:
    """The account of another person; of one's own, None, and the page says why."""
    user = get_object_or_404(accounts_for(request.user), username=username)
    if user != request.user:
        return user
    messages.error(request, OTHERS_ONLY)
    return None


@keepers_only
@require_POST
def account_switch(request: HttpRequest, username: str) -> HttpResponse:
    """Close an account, or open it again (`ouvert`, 0 or 1): one's own excepted."""
    if user := another_s(request, username):
        user.is_active = request.POST.get("ouvert") == "1"
        user.save(update_fields=["is_active", "is_staff"])
        done = "est ouvert"
        if not user.is_active:
            user.end_what_is_open()
            done = "est fermé : ses appareils sont déconnectés et ses jetons révoqués"
        messages.success(request, f"Le compte « {user} » {done}.")
    return redirect("account_list")


@keepers_only
@require_POST
def second_factors_remove(request: HttpRequest, username: str) -> HttpResponse:
    """For whoever lost their telephone and their codes, once the secretariat has recognised them."""
    if user := another_s(request, username):
        Authenticator.objects.filter(user=user).delete()
        user.end_what_is_open()
        if user.email:
            news = "le secrétariat en a retiré le second facteur"
            write_to(user.email, "account_news", reverse("account_home"), user=user, news=news)
        messages.success(
            request,
            f"Le compte « {user} » n’a plus de second facteur ; ses appareils sont déconnectés.",
        )
    return redirect("account_list")
