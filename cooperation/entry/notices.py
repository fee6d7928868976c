"""Messages to people: what they say is in templates/emails/, who gets them and how is here."""

import logging
from dataclasses import asdict, dataclass
from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db.models import Q, QuerySet
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import timezone
from django_tasks import task

from cooperation.jobs import MAIL
from cooperation.models import Notice, User
from cooperation.roles import Role

logger = logging.getLogger(__name__)

# What every subject begins with.
MARK = "[Registre] "
# After how long a message that a mail server did not take is sent again: two days in all.
AGAIN_AFTER = [timedelta(minutes=m) for m in (1, 10, 60, 6 * 60, 40 * 60)]


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
    facts = {"subject": f"{MARK}{' '.join(subject.split())}", "body": body.strip()}
    html = render_to_string("emails/message.html", facts | {"link": link})
    return Message(facts["subject"], f"{facts['body']}\n\n{link}\n", html)


def addresses_of(people) -> list[str]:
    """The e-mail addresses of those who are active and have one."""
    known = people.filter(is_active=True).exclude(email="").order_by()
    return sorted(set(known.values_list("email", flat=True)))


def send(message: Message, addresses) -> None:
    """One message for each address: nobody learns the others’."""
    get_connection().send_messages([message.to(address) for address in addresses])


def keep_in_site(people, message: Message, address) -> None:
    """For each who is active, under « Nouvelles »: `address` is the page that it leads to."""
    Notice.objects.bulk_create(
        Notice(
            user=person,
            subject=message.subject.removeprefix(MARK)[:500],
            # The link stands beside it.
            text=message.text.rstrip().rpartition("\n\n")[0],
            address=address,
        )
        for person in people.filter(is_active=True).order_by().distinct()
    )


def notify(people, name, address, **context) -> bool:
    """Tell people, in the site and by e-mail; False where nobody has an e-mail.

    Messages are left to a worker, with what the transaction writes: a mail server that is slow or away
    keeps nobody waiting, and loses none.
    """
    message = compose(name, address, **context)
    keep_in_site(people, message, address)
    addresses = addresses_of(people)
    if addresses:
        deliver.enqueue(asdict(message), addresses)
    return bool(addresses)


def write_to(email, name, address, **context) -> None:
    """The same to one address that is no account’s."""
    deliver.enqueue(asdict(compose(name, address, **context)), [email])


@task(priority=MAIL)
def deliver(message, addresses, tries=0) -> None:
    """Send a message (the fields of Message) to each address; what is not taken is tried again later."""
    refused = []
    for address in addresses:
        try:
            send(Message(**message), [address])
        except (OSError, SMTPException):
            logger.exception("a message was not sent, try %s", tries + 1)
            refused.append(address)
    if refused and tries < len(AGAIN_AFTER):
        later = deliver.using(run_after=timezone.now() + AGAIN_AFTER[tries])
        later.enqueue(message, refused, tries + 1)
