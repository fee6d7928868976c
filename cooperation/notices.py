"""Messages to people about what happened to a record."""

from django.conf import settings
from django.core.mail import send_mass_mail
from django.db import transaction
from django.db.models import Q

from cooperation.models import User
from cooperation.roles import Role


def secretariat():
    return User.objects.filter(role=Role.SECRETARIAT)


def agents_of(convention):
    """Agents of the parties, and those to whom the convention is entrusted."""
    return User.objects.filter(
        Q(role=Role.COMMUNE, partner__parties__convention=convention)
        | Q(delegations__convention=convention)
    )


def notify(people, *, subject, text, address):
    """Write to each active person who gave an e-mail address, once the transaction is done.

    One message each: nobody learns the others’ addresses. A mail server that does not answer
    loses no entry: the failure is logged by Django and the record stays as it is.
    """
    addresses = people.filter(is_active=True).exclude(email="").order_by()
    to = sorted(set(addresses.values_list("email", flat=True)))
    body = f"{text}\n\n{settings.SITE_URL}{address}\n"
    messages = [(f"[Registre] {subject}", body, None, [email]) for email in to]
    transaction.on_commit(lambda: send_mass_mail(messages), robust=True)
