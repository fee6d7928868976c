"""Files that have arrived, piece by piece or with a form that came back, and that no record holds yet."""

import os
import secrets
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from cooperation import uploads
from cooperation.models.jobs import new_reference
from cooperation.values.text import clean_text

# How long they wait for a form to take them.
KEPT_FOR = timedelta(days=7)
# Those of one person that wait at a time.
MOST_WAITING = 2 * uploads.MAX_PHOTOS


def arriving_name(instance, filename) -> str:
    token = secrets.token_hex(16)
    return f"arrivees/{token[:2]}/{token}"


def read(stored, name) -> ContentFile:
    with stored.open("rb") as file:
        return ContentFile(file.read(), name)


class UploadQuerySet(QuerySet):
    def complete(self) -> QuerySet:
        return self.filter(received=F("size"), content_type__gt="")

    def forget_old(self) -> None:
        for upload in self.filter(created_at__lt=timezone.now() - KEPT_FOR):
            upload.delete()


class Upload(models.Model):
    """One file of one person. What is served of a photograph is made as its last byte arrives."""

    reference = models.CharField(max_length=16, unique=True, editable=False, default=new_reference)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads"
    )
    name = models.CharField("nom", max_length=200)
    size = models.PositiveIntegerField("taille en octets")
    received = models.PositiveIntegerField("octets reçus", default=0)
    file = models.FileField("fichier", upload_to=arriving_name, max_length=120)
    # Once it is complete: what uploads.inspect says of it.
    content_type = models.CharField("type", max_length=100, blank=True)
    pages = models.PositiveIntegerField("pages", null=True)
    served = models.FileField("tel qu’il sera servi", upload_to=arriving_name, max_length=120)
    created_at = models.DateTimeField("arrivé le", auto_now_add=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = "fichier arrivé"
        verbose_name_plural = "fichiers arrivés"
        ordering = ["created_at", "pk"]

    def __str__(self):
        return self.name

    @classmethod
    def begin(cls, user, name, size) -> "Upload":
        """A file of which nothing has arrived yet. ValidationError, in French, where it cannot be taken."""
        if size > uploads.MAX_BYTES:
            most = uploads.MAX_BYTES // 2**20
            raise ValidationError(f"« {name} » dépasse {most} Mo. Réduisez-le ou découpez-le.")
        if not size:
            raise ValidationError(f"« {name} » est vide. Choisissez-en un autre.")
        cls.objects.all().forget_old()
        if user.uploads.count() >= MOST_WAITING:
            raise ValidationError(
                "Trop de fichiers attendent déjà : enregistrez la fiche, ou enlevez-en."
            )
        shown = clean_text(Path(name).name).replace("\n", " ").strip()[:200] or "fichier"
        upload = cls(user=user, name=shown, size=size)
        upload.file.save("", ContentFile(b""), save=False)
        upload.save()
        return upload

    @classmethod
    def keep(cls, user, file) -> "Upload":
        """A file that came with a form which comes back, and was looked into: it need not be sent again."""
        found = uploads.inspect(file)
        upload = cls.begin(user, file.name, file.size)
        file.seek(0)
        upload.write(0, file.read())
        upload.note(*found, is_file=found[2] is file)
        return upload

    def append(self, offset: int, piece: bytes) -> None:
        """The next bytes, from `offset` on; what has arrived already is not written twice.

        ValidationError, in French, where they do not follow, or the whole is not acceptable.
        """
        with transaction.atomic():
            current = Upload.objects.select_for_update().filter(pk=self.pk).first()
            if current is None:
                raise ValidationError("Ce fichier n’est plus attendu : il a été enlevé.")
            self.received = current.received
            if offset > current.received or offset + len(piece) > self.size:
                raise ValidationError("Ce morceau ne suit pas ce qui est arrivé.")
            new = piece[current.received - offset :]
            if new:
                self.write(current.received, new)
        if self.is_complete and not self.content_type:
            self.look_into()

    def write(self, offset, piece) -> None:
        """The bytes first, synced: what the row says has arrived is there after a power cut too."""
        with open(self.file.path, "r+b") as file:
            file.seek(offset)
            file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        self.received = offset + len(piece)
        self.save(update_fields=["received"])

    def look_into(self) -> None:
        """What it is; refused, it goes."""
        try:
            with self.file.open("rb") as file:
                found = uploads.inspect(file)
                self.note(*found, is_file=found[2] is file)
        except ValidationError:
            self.delete()
            raise

    def note(self, content_type, pages, content, *, is_file) -> None:
        """Keep what uploads.inspect says: once, if two requests ask it at a time."""
        self.content_type, self.pages = content_type, pages
        if not is_file:
            self.served.save("", content, save=False)
        found = {name: getattr(self, name) for name in ("content_type", "pages", "served")}
        is_first = Upload.objects.filter(pk=self.pk, content_type="").update(**found)
        if not is_first and self.served:
            self.served.storage.delete(self.served.name)

    @property
    def is_complete(self) -> bool:
        return self.received == self.size

    def opened(self) -> ContentFile:
        """The file, as a form that received it would hand it over."""
        file = content = read(self.file, self.name)
        if self.served:
            content = read(self.served, self.name)
        file.inspected = (self.content_type, self.pages, content)
        return file

    def delete(self, *args, **kwargs) -> tuple:
        """The row, then its bytes: nothing else holds them."""
        names = [one.name for one in (self.file, self.served) if one]
        done = super().delete(*args, **kwargs)
        for name in names:
            transaction.on_commit(lambda name=name: self.file.storage.delete(name))
        return done
