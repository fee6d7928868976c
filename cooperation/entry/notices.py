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


def messages_to(people, *, subject, text, address):
    """One message for each active person with an e-mail: nobody learns the others’ addresses."""
    addresses = people.filter(is_active=True).exclude(email="").order_by()
    body = f"{text}\n\n{settings.SITE_URL}{address}\n"
    return [
        (f"[Registre] {subject}", body, None, [email])
        for email in sorted(set(addresses.values_list("email", flat=True)))
    ]


def notify(people, **message):
    """Write to people once the transaction is done.

    A mail server that does not answer loses no entry: Django logs the failure.
    """
    messages = messages_to(people, **message)
    transaction.on_commit(lambda: send_mass_mail(messages), robust=True)
