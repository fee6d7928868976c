"""People with an account."""

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.functional import cached_property

from cooperation.models.partners import Partner
from cooperation.records.base import VersionedModel
from cooperation.roles import Role, enters_data
from cooperation.values.places import Departement


class User(VersionedModel, AbstractUser):
    """A person with an account and one role; an agent enters data for one partner."""

    role = models.CharField("rôle", max_length=20, choices=Role, default=Role.MEMBER)
    partner = models.ForeignKey(
        Partner,
        verbose_name="commune ou organisation",
        on_delete=models.PROTECT,
        related_name="users",
        null=True,
        blank=True,
        help_text="Celle pour laquelle un agent communal saisit.",
    )
    departement = models.CharField(
        "département",
        max_length=20,
        choices=Departement,
        blank=True,
        help_text="Celui d’une préfecture. Vide : le ministère, pour tous.",
    )
    phone = models.CharField("téléphone", max_length=30, blank=True)
    # What the link that confirms a new address carries; it is good once, and until the next one.
    address_mark = models.CharField(max_length=32, blank=True, editable=False)

    # Part of what a session is checked by: another one ends them all.
    session_mark = models.CharField(max_length=32, blank=True, editable=False)

    objects = UserManager()

    class Meta(AbstractUser.Meta):
        verbose_name = "compte"
        ordering = ["username"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(role=Role.COMMUNE) | Q(partner__isnull=False),
                name="user_agent_has_partner",
                violation_error_message="Choisissez la commune de cet agent.",
            ),
            models.UniqueConstraint(
                Lower("username"),
                name="user_unique_username",
                violation_error_message="Un autre compte a cet identifiant.",
            ),
            # A forgotten password is sent there: to one person.
            models.UniqueConstraint(
                Lower("email"),
                condition=~Q(email=""),
                name="user_unique_email",
                violation_error_message="Un autre compte a cette adresse électronique.",
            ),
        ]

    def _get_session_auth_hash(self, secret=None) -> str:
        """Django's, which follows the password; and the mark."""
        own = super()._get_session_auth_hash(secret=secret)
        return f"{own}{self.session_mark}"

    @cached_property
    def sits_no_more(self) -> bool:
        """Whether the person sat in a group (workgroup.Mandate), and every mandate has ended by now."""
        today = timezone.localdate()
        ends = list(self.mandates.order_by().values_list("ends_on", flat=True))
        return bool(ends) and all(end is not None and end < today for end in ends)

    def end_what_is_open(self) -> None:
        """Sessions and tokens end for good: an account that is opened again does not bring them back."""
        self.session_mark = get_random_string(32)
        self.save(update_fields=["session_mark", "is_staff"])
        self.api_tokens.filter(revoked_at=None).update(revoked_at=timezone.now())

    end_what_is_open.alters_data = True

    def save(self, *args, **kwargs) -> None:
        """Whoever enters data opens the entry pages; a new password ends what the old one had opened.

        E-mail addresses are kept in small letters, as they are looked for.
        """
        self.is_staff = enters_data(self)
        self.email = self.email.lower()
        if self._password is not None:
            # A link that somebody else asked for dies with the password that they knew.
            self.address_mark = ""
        # Django sets `_password` where a new one was chosen, not where the same is hashed anew.
        is_new_password = self.pk is not None and self._password is not None
        super().save(*args, **kwargs)
        if is_new_password:
            self.api_tokens.filter(revoked_at=None).update(revoked_at=timezone.now())
