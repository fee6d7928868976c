from agreements.models import Convention
from tests.actions.iati.readers import bring_in
from tests.actions.iati.test_other_money import NEW, brought, file, transaction


def again(client, *inner, **facts):
    return bring_in(client, file(*inner, **facts), NEW).rows.get()


def test_a_changed_file_is_never_without_a_change(secretariat):
    """A new title and two and a half times the money were « sans changement »."""
    brought(secretariat, transaction("2", 1000000))
    same = again(secretariat, transaction("2", 1000000))
    assert same.verdict == "inchangee"
    changed = again(secretariat, transaction("2", 2500000), title="Déchets, encore")
    assert changed.verdict == "refusee"
    for word in ("Déchets → Déchets, encore", "1\u202f000\u202f000", "2\u202f500\u202f000"):
        assert word.replace("\u202f", "") in changed.trouble.replace("\u202f", "").replace(
            "\xa0", ""
        )
    assert Convention.objects.get().title == "Déchets"


def test_a_record_that_was_corrected_is_not_said_to_be_as_in_the_file(secretariat):
    brought(secretariat, transaction("2", 1000000))
    convention = Convention.objects.get()
    convention.title = "Corrigé ici"
    convention.save()
    assert "Corrigé ici → Déchets" in again(secretariat, transaction("2", 1000000)).trouble
