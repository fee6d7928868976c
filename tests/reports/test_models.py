import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from pytest_django.asserts import assertContains

from reports.models import Edition
from tests.reports.bilans import edition_of, written


def test_an_edition_can_be_neither_changed_nor_deleted(bilan, secretary, pango):
    edition = edition_of(bilan, secretary)
    edition.facts = "{}"
    for attempt in (
        edition.save,
        edition.delete,
        Edition.objects.all().delete,
        lambda: Edition.objects.update(facts="{}"),
        lambda: Edition.objects.bulk_update([edition], ["facts"]),
        lambda: Edition.objects.bulk_create(
            [edition], update_conflicts=True, update_fields=["facts"], unique_fields=["id"]
        ),
        lambda: bilan.editions.update(facts="{}"),
        bilan.editions.all().delete,
        Edition(pk=edition.pk, bilan=bilan, number=1, published_at=edition.published_at).save,
        Edition._base_manager.all().delete,
        edition.pdf.delete,
    ):
        with pytest.raises((ValidationError, IntegrityError)), transaction.atomic():
            attempt()
    edition.refresh_from_db()
    assert edition.is_intact
    bilan.refresh_from_db()
    assert not bilan.may_be_deleted
    with pytest.raises(ValidationError):
        bilan.delete()


def test_a_file_that_changed_on_disk_is_noticed(client, bilan, secretary, pango):
    edition = edition_of(bilan, secretary)
    with open(edition.pdf.path, "ab") as file:
        file.write(b" ")
    assert not edition.is_intact
    page = client.get(reverse("edition_check"), {"numero": edition.mark})
    assertContains(page, "n’a plus les empreintes")


def test_a_file_that_is_gone_is_noticed(client, bilan, secretary, pango):
    edition = edition_of(bilan, secretary)
    edition.pdf.storage.delete(edition.pdf.name)
    page = client.get(reverse("edition_check"), {"numero": edition.mark})
    assertContains(page, "n’a plus les empreintes")
    assert client.get("/bilans/2021.pdf").status_code == 404


def test_texts_have_a_history_and_come_back(client, bilan, secretary):
    client.force_login(secretary)
    address = reverse("bilan_write", args=[bilan.reference])
    client.post(address, written(bilan, summary="Plus court"))
    page = client.get(reverse("bilan_history", args=[bilan.reference]))
    assertContains(page, "Plus court")
    assertContains(page, "**Cinq** constats")
    assertContains(page, "Rétablir l’ancienne valeur")
