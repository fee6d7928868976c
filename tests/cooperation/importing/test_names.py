"""Whose name is it: the names that people give to communes and partners lead to the one they mean."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from cooperation.importing.matching import Doubt, PartnerMatcher
from cooperation.models import Partner, PartnerCode
from tests.contents import load_content
from tests.factories import make_convention, make_partner, published

USUAL = {
    "NDALI": "ndali",
    "N Dali": "ndali",
    "N'Dali": "ndali",
    "ZAKPOTA": "za-kpota",
    "Za Kpota": "za-kpota",
    "SOAVA": "so-ava",
    "Adjaouere": "adja-ouere",
    "ADJA OUERE": "adja-ouere",
    "Missérété": "akpro-misserete",
    "Calavi": "abomey-calavi",
    "Portonovo": "porto-novo",
    "PORTO NOVO": "porto-novo",
    "Pehonko": "ouassa-pehunco",
    "Péhunco": "ouassa-pehunco",
    "Kobly": "cobly",
    "Boukombé": "boukoumbe",
    "Toucountouna": "toukountouna",
    "Ségbana": "segbana",
    "Dassa": "dassa-zoume",
    "Save": "save",
    "Dogbo-Tota": "dogbo",
    "Sèmè-Kpodji": "seme-podji",
    "Klouékanmè": "klouekanmey",
    "commune de Tori": "tori-bossito",
    "la Mairie de Parakou": "parakou",
}


@pytest.fixture
def communes(db):
    load_content("reference")
    return Partner.objects.all()


def test_communes_are_known_by_the_names_in_use(communes):
    matcher = PartnerMatcher(communes)
    found = {text: matcher.find(text) for text in USUAL}
    slugs = dict(communes.values_list("pk", "slug"))
    assert {text: slugs[key] for text, key in found.items()} == USUAL


def test_a_name_within_another_is_proposed(communes):
    make_partner(
        name="Communauté d’agglomération de Cergy-Pontoise", kind="groupement", country="FR"
    )
    with pytest.raises(Doubt) as doubt:
        PartnerMatcher(communes).find("Cergy-Pontoise")
    (choice,) = doubt.value.choices
    assert choice[1].endswith(
        "Cergy-Pontoise – groupement de collectivités, France – son nom contient celui-ci"
    )


def test_there_is_no_78th_commune(communes, sign_in, tmp_path):
    partner = Partner(name="Péhunco-Centre", kind="commune", country="BJ")
    with pytest.raises(ValidationError, match="Le Bénin a 77 communes"):
        partner.full_clean(exclude=["slug"])
    # One of them may still be changed.
    Partner.objects.get(slug="parakou").full_clean()
    page = sign_in("secretariat").post(
        reverse("admin:cooperation_partner_add"),
        {"name": "Nouvelle", "kind": "commune", "country": "BJ"},
    )
    assert page.status_code == 200
    assert Partner.objects.communes().count() == 77


@pytest.fixture
def choose(sign_in):
    """What the entry pages offer for some letters."""
    client = sign_in("secretariat")

    def offered(term):
        asked = {
            "app_label": "agreements",
            "model_name": "party",
            "field_name": "partner",
            "term": term,
        }
        answer = client.get(reverse("admin:autocomplete"), asked)
        return [one["text"] for one in answer.json()["results"]]

    return offered


def test_what_the_registry_knows_is_offered_first(choose):
    """After 35,084 French authorities, « orl » offered Orléac, Orlac… and Orléans on page three."""
    for name in ("Aorlu", "Orlac", "Orléat", "Orly", "Mont-Orlu"):
        make_partner(name=name, kind="commune", country="FR", **published())
    orleans = make_partner(name="Orléans", kind="commune", country="FR", **published())
    make_convention([orleans])
    assert choose("orl")[0].startswith("Orléans")
    assert choose("orly")[0].startswith("Orly")
    assert choose("orl")[-1].startswith("Aorlu") or len(choose("orl")) == 5


def test_homonyms_are_told_apart(choose):
    for country, code in (("FR", "17319"), ("FR", "25513"), ("CH", "")):
        partner = make_partner(
            name="Sainte-Colombe", kind="commune", country=country, **published()
        )
        if code:
            partner.codes.create(scheme=PartnerCode.Scheme.COG, code=code)
    assert sorted(choose("sainte colombe")) == [
        "Sainte-Colombe – commune, France, FR-COG 17319",
        "Sainte-Colombe – commune, France, FR-COG 25513",
        "Sainte-Colombe – commune, Suisse",
    ]
