"""Two versions side by side, and nothing of a text taken for a tag."""

from tests.workgroup.factories import make_shared
from workgroup.comparing import compared, marked


def test_what_went_and_what_came():
    left, right = marked("La liste est tenue.", "La liste est publiée.")
    assert "<del>" in left
    assert "<ins>" not in left
    assert "<ins>" in right
    assert "La liste est" in left


def test_a_text_is_never_a_tag():
    left, right = marked("<script>", "<b onclick=x>")
    assert "<script" not in left
    assert "<b" not in right


def test_sections_are_told_again_by_their_anchor(group, member):
    draft = make_shared(group, member)
    version = draft.version_to_write()
    first, second = version.sections.all()
    second.delete()
    version.sections.create(position=2, heading="Durée", text="Un an.")
    first.heading = "But"
    first.save()
    found = compared(draft.shared, version)
    assert [(s.heading, s.is_changed) for s in found] == [
        ("1. But", True),
        ("2. Durée", True),
        ("2. Fonctionnement", True),
    ]
    assert found[1].former == ""
    assert found[2].latter == ""
