"""What a record that breaks a rule is told."""

from itertools import chain

import pytest
from django.core.exceptions import ValidationError


def refused(record, field=None):
    """All that the record's cleaning says is wrong, or what it says of one field."""
    with pytest.raises(ValidationError) as refusal:
        record.full_clean()
    messages = refusal.value.message_dict
    return " ".join(messages[field] if field else chain(*messages.values()))
