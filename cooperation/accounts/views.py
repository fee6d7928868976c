"""The pages of one's own account: signing in, one's facts and address, a new password, devices."""

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.account.views import LoginView, PasswordChangeView, PasswordResetFromKeyView
from allauth.core.internal.ratelimit import consume_or_429
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.webauthn.views import LoginWebAuthnView
from allauth.usersessions.views import ListUserSessionsView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LogoutView
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cooperation.accounts.adapter import remember_device
from cooperation.accounts.forms import AddressForm, FactsForm
from cooperation.accounts.kept import carried, kept_in, kept_page
from cooperation.auth import has_factor, is_asked_for_factor
from cooperation.entry.notices import write_to
from cooperation.lists.pages import paginate
from cooperation.models import User
from cooperation.roles import enters_data

# Where what a person typed waits while they show a second factor.
KEPT_KEY = "kept_while_signing_in"
# What a link that confirms an address is signed for, and how long it is good.
ADDRESS_SALT, ADDRESS_OPEN_FOR = "address of an account", 3 * 24 * 3600


class KeptMixin:
    """Signing in gives back what a person had typed, whatever factors it takes."""

    def form_valid(self, form) -> HttpResponse:
        kept = self.kept()
        response = super().form_valid(form)
        user = self.request.user
        if not user.is_authenticated:
            if kept:
                self.request.session[KEPT_KEY] = kept
            return response
        if kept:
            response = kept_page(self.request, *kept, status=200)
        remember_device(response, user.get_username())
        return response

    def kept(self) -> tuple | None:
        """What came with the form; another person's, who left at the second factor, is forgotten."""
        self.request.session.pop(KEPT_KEY, None)
        return kept_in(self.request)


class SignInView(KeptMixin, LoginView):
    def get_context_data(self, **kwargs) -> dict:
        kept = kept_in(self.request)
        kwargs["other_site"] = settings.OIDC["server_url"] and settings.OIDC["name"]
        return super().get_context_data(**(carried(*kept) if kept else {}), **kwargs)


class SignInCodeView(KeptMixin, AuthenticateView):
    def kept(self) -> tuple | None:
        """What waited while this factor was shown."""
        return self.request.session.pop(KEPT_KEY, None)


class SignInKeyView(KeptMixin, LoginWebAuthnView):
    """A page of its own: its scripts are not for those who type a password."""

    template_name = "mfa/webauthn/sign_in.html"

    def get(self, request, *args, **kwargs) -> HttpResponse:
        """For the script, what the browser asks the key; for people, the page."""
        if get_adapter().is_ajax(request):
            return super().get(request, *args, **kwargs)
        return self.render_to_response(self.get_context_data())

    def form_invalid(self, form) -> HttpResponse:
        """Without a key yet, it is the sign-in page that leads here, with what was typed."""
        if self.request.POST.get("credential"):
            messages.error(
                self.request,
                "Cette clé n’ouvre aucun compte ici. Connectez-vous par votre mot de passe.",
            )
        return self.render_to_response(self.get_context_data())

    def get_context_data(self, **kwargs) -> dict:
        kept = kept_in(self.request)
        return super().get_context_data(**(carried(*kept) if kept else {}), **kwargs)


class SignOutView(LogoutView):
    def post(self, *args, **kwargs) -> HttpResponse:
        """Whoever leaves a shared device leaves nothing of what they were typing."""
        response = super().post(*args, **kwargs)
        response["Clear-Site-Data"] = '"storage"'
        return response


class NewPasswordView(PasswordChangeView):
    """Whoever has none, since another site signs them in, chooses one by the link of a message."""

    def dispatch(self, request, *args, **kwargs) -> HttpResponse:
        if request.user.is_authenticated and not request.user.has_usable_password():
            return redirect("account_reset_password")
        return super().dispatch(request, *args, **kwargs)

    success_url = reverse_lazy("account_home")

    def form_valid(self, form) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(
            self.request,
            "Votre mot de passe est changé. Vos autres appareils sont déconnectés, et vos jetons "
            "sont révoqués : un programme qui s’en servait en demande un nouveau.",
        )
        return response


class ChosenPasswordView(PasswordResetFromKeyView):
    """From the link of a message: it is good once, and for an hour."""

    success_url = reverse_lazy("account_login")

    def form_valid(self, form) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(
            self.request, "Votre nouveau mot de passe est enregistré : connectez-vous avec lui."
        )
        return response


class DevicesView(ListUserSessionsView):
    """Where one is signed in; ends every other session."""

    def form_valid(self, form) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(self.request, "Vos autres appareils sont déconnectés.")
        return response


@login_required
@require_safe
def account_home(request: HttpRequest) -> HttpResponse:
    context = {
        "enters_data": enters_data(request.user),
        "has_second_factor": has_factor(request.user),
        "second_factor_is_asked": is_asked_for_factor(request.user),
    }
    return render(request, "account/home.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def news(request: HttpRequest) -> HttpResponse:
    """What the registry told a person, the latest first; one button says that all of it is read."""
    notices = request.user.notices.all()
    if request.method == "POST":
        notices.unread().update(read_at=timezone.now())
        return redirect("news")
    context = {"page": paginate(request, notices), "unread": notices.unread().count()}
    return render(request, "account/news.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def account_facts(request: HttpRequest) -> HttpResponse:
    # Read anew: what is typed shows in the page's own menu only once it is saved.
    user = User.objects.get(pk=request.user.pk)
    form = FactsForm(request.POST or None, instance=user)
    if form.is_valid():
        user.save(update_fields=form.Meta.fields)
        messages.success(request, "C’est enregistré.")
        return redirect("account_home")
    return render(request, "account/facts.html", {"form": form})


@login_required
@reauthentication_required(allow_get=True)
@require_http_methods(["GET", "POST"])
def account_address(request: HttpRequest) -> HttpResponse:
    """A new e-mail address, once the link that goes there is opened."""
    form = AddressForm(request.POST or None, user=request.user)
    if form.is_valid():
        if too_many := consume_or_429(
            request, app="allauth.account", action="manage_email", user=request.user
        ):
            return too_many
        email, mark = form.cleaned_data["email"], get_random_string(32)
        User.objects.filter(pk=request.user.pk).update(address_mark=mark)
        signed = signing.dumps([request.user.pk, mark, email], salt=ADDRESS_SALT)
        # Another's address is answered as any other: whose it is, is nobody's to learn here.
        if not User.objects.filter(email__iexact=email).exists():
            address = reverse("account_address_confirm", args=[signed])
            write_to(email, "address_confirm", address, user=request.user)
        messages.success(
            request,
            f"Si {email} n’est pas l’adresse d’un autre compte, un message y part : ouvrez son lien dans "
            "les trois jours. Jusque-là, votre adresse reste la même.",
        )
        return redirect("account_home")
    return render(request, "account/address.html", {"form": form})


@never_cache
@require_http_methods(["GET", "POST"])
def account_address_confirm(request: HttpRequest, signed: str) -> HttpResponse:
    """The page of the link: it asks for a click, since programs that look through mail open links."""
    try:
        pk, mark, email = signing.loads(signed, salt=ADDRESS_SALT, max_age=ADDRESS_OPEN_FOR)
        user = User.objects.exclude(address_mark="").get(pk=pk, address_mark=mark, is_active=True)
    except (signing.BadSignature, User.DoesNotExist):
        return render(request, "account/address_over.html", status=410)
    context = {"email": email, "account": user}
    if request.method == "POST":
        former, user.email, user.address_mark = user.email, email, ""
        try:
            user.full_clean(exclude=["password"])
            with transaction.atomic():
                user.save(update_fields=["email", "address_mark"])
        except ValidationError as error:
            return render(request, "account/address_confirm.html", context | {"error": error})
        except IntegrityError:
            return render(request, "account/address_over.html", status=410)
        if former:
            write_to(former, "address_changed", reverse("account_home"), user=user)
        messages.success(request, f"L’adresse du compte « {user} » est maintenant {email}.")
        return redirect("account_home")
    return render(request, "account/address_confirm.html", context)
