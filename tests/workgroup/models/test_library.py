"""What is shared stays."""

import pytest
from django.core.exceptions import ValidationError

from tests.factories import make_document
from workgroup.models import SharedDocument


def test_what_is_shared_is_not_deleted(group, member):
    document = make_document()
    shared = SharedDocument.objects.create(
        group=group, kind="evaluation", title="Étude", document=document, shared_by=member
    )
    for record in (shared, document):
        with pytest.raises(ValidationError):
            record.delete()
