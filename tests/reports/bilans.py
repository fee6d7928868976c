from reports.models import Bilan
from reports.publishing import facts_of, publish


def edition_of(bilan, by):
    bilan = Bilan.objects.get(pk=bilan.pk)
    return publish(bilan, by=by, read=facts_of(bilan).fingerprint)


def to_publish(bilan):
    """What the button of the page sends."""
    return {"read": facts_of(Bilan.objects.get(pk=bilan.pk)).fingerprint, "sure": "on"}


def content_of(edition):
    with edition.pdf.open() as file:
        return file.read()


def written(bilan, **changes):
    bilan.refresh_from_db()
    data = {"title": bilan.title, "opened_version": bilan.version}
    return data | {name: getattr(bilan, name) for name in Bilan.NARRATIVE} | changes
