"""How programs say for whom they act: « Authorization: Bearer … », with a personal token."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission

from cooperation.auth import lacks_factor
from cooperation.models import ApiToken


class TokenAuthentication(BaseAuthentication):
    def authenticate(self, request) -> tuple | None:
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if not scheme:
            return None
        token = ApiToken.known_by(secret.strip()) if scheme.lower() == "bearer" else None
        # A token made before its role asked for a second factor waits for it.
        if token is None or lacks_factor(token.user):
            raise AuthenticationFailed
        return token.user, token

    def authenticate_header(self, request) -> str:
        return 'Bearer realm="registre"'


class MayWrite(BasePermission):
    """Reading is for all; writing, for tokens that say so: the cookie of a browser does not write here."""

    def has_permission(self, request, view) -> bool:
        reads = request.method in SAFE_METHODS
        return reads or bool(request.auth and request.auth.scope == ApiToken.Scope.WRITE)
