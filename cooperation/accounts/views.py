"""The pages of one's own account: signing in, one's facts, a new password."""

from allauth.account.views import LoginView, PasswordChangeView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.views.decorators.http import require_safe

from cooperation.accounts.adapter import remember_device
from cooperation.accounts.kept import carried, kept_in, kept_page
from cooperation.roles import enters_data


class SignInView(LoginView):
    def form_valid(self, form) -> HttpResponse:
        response = super().form_valid(form)
        if kept := kept_in(self.request):
            response = kept_page(self.request, *kept, status=200)
        remember_device(response, form.user.get_username())
        return response

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
    success_url = reverse_lazy("account_home")

    def form_valid(self, form) -> HttpResponse:
        response = super().form_valid(form)
        messages.success(
            self.request,
            "Votre mot de passe est changé. Vos autres appareils sont déconnectés, et vos jetons "
            "sont révoqués : un programme qui s’en servait en demande un nouveau.",
        )
        return response


@login_required
@require_safe
def account_home(request: HttpRequest) -> HttpResponse:
    context = {"enters_data": enters_data(request.user)}
    return render(request, "account/home.html", context)
