"""Messages to people: what they say is in templates/emails/, who gets them and how is here."""

from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template import Context
from django.template.loader import get_template, render_to_string

from cooperation.models import User
from cooperation.roles import Role


def secretariat() -> QuerySet:
    return User.objects.filter(role=Role.SECRETARIAT)


def agents_of(convention) -> QuerySet:
    """Agents of the parties, and those to whom the convention is entrusted."""
    return User.objects.filter(
        Q(role=Role.COMMUNE, partner__parties__convention=convention)
        | Q(delegations__convention=convention)
    )


@dataclass(frozen=True)
class Message:
    """What one message says; the text and the HTML say the same."""

    subject: str
    text: str
    html: str

    def to(self, email) -> EmailMultiAlternatives:
        message = EmailMultiAlternatives(self.subject, self.text, None, [email])
        message.attach_alternative(self.html, "text/html")
        return message


def compose(name: str, address: str, **context) -> Message:
    """The message of templates/emails/<name>.txt; `address` is the page that it leads to.

    The first line of the template is the subject, the rest the text.
    """
    template = get_template(f"emails/{name}.txt").template
    text = template.render(Context(context | {"site": settings.SITE_URL}, autoescape=False))
    subject, _, body = text.strip().partition("\n")
    link = f"{settings.SITE_URL}{address}"
    # A subject is one line, whatever was typed into a title.
    facts = {"subject": f"[Registre] {' '.join(subject.split())}", "body": body.strip()}
    html = render_to_string("emails/message.html", facts | {"link": link})
    return Message(facts["subject"], f"{facts['body']}\n\n{link}\n", html)


def addresses_of(people) -> list[str]:
    """The e-mail addresses of those who are active and have one."""
    known = people.filter(is_active=True).exclude(email="").order_by()
    return sorted(set(known.values_list("email", flat=True)))


def send(message: Message, addresses) -> None:
    """One message for each address: nobody learns the others’."""
    get_connection().send_messages([message.to(address) for address in addresses])


def notify(people, name, address, **context) -> bool:
    """Write to people once the transaction is done; False where nobody of them has an e-mail.

    A mail server that does not answer loses no entry: Django logs the failure.
    """
    addresses = addresses_of(people)
    if addresses:
        message = compose(name, address, **context)
        transaction.on_commit(lambda: send(message, addresses), robust=True)
    return bool(addresses)
