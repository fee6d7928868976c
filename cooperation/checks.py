"""What an administrator should know before the registry is open to all."""

from django.conf import settings
from django.core.checks import Tags, Warning, register

from cooperation.roles import Role


@register(Tags.security, deploy=True)
def secretariat_has_a_second_factor(**kwargs) -> list[Warning]:
    if Role.SECRETARIAT in settings.SECOND_FACTOR_ROLES:
        return []
    message = "Whoever learns a password of the secretariat publishes in its name."
    hint = "Set SECOND_FACTOR_ROLES=secretariat."
    return [Warning(message, hint=hint, id="cooperation.W001")]


@register(Tags.security, deploy=True)
def second_factors_are_of_known_roles(**kwargs) -> list[Warning]:
    unknown = sorted(set(settings.SECOND_FACTOR_ROLES) - set(Role.values))
    if not unknown:
        return []
    message = f"SECOND_FACTOR_ROLES names what is no role: {', '.join(unknown)}."
    return [Warning(message, hint=f"Roles are {', '.join(Role.values)}.", id="cooperation.W002")]
