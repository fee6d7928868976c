"""Spreadsheets in use for the accords of communes: their headings, and the columns of ours that they are.

In the order of the sheet; "" where the registry has no field of its own.
"""

from cooperation.values.text import fold

# The workbook of 29 columns, with its sheets of actions and of visits.
ACCORDS = {
    "Ref_Accord": "Référence dans la liste",
    "Commune_Benin": "Parties 1",
    "Departement_Benin": "",
    "Collectivite_Partenaire": "Parties 2",
    "Pays_Partenaire": "Pays de la partie 2",
    "Type_Cooperation": "Nature",
    "Date_Signature": "Signée le",
    "Date_Debut": "Début",
    "Date_Fin": "Fin",
    "Duree_Annees": "Durée en années",
    "Secteurs_Intervention": "Thèmes",
    "Objectifs": "Objectifs",
    "Montant_Total": "Montant 1",
    "Devise": "Monnaie 1",
    "Contributions_Benin": "",
    "Contributions_Partenaire": "",
    "Statut": "Situation",
    "Point_Focal_Benin": "Point focal béninois",
    "Contact_Partenaire": "Contact du partenaire",
    "Frequence_Reunions": "Se réunit",
    "Derniere_Reunion": "Réunion : date 1",
    "Prochaine_Reunion": "Réunion : date 2",
    "Actions_Realisees": "",
    "Echanges_Effectues": "",
    "Resultats_Obtenus": "Résultats",
    "Difficultes": "Difficultés",
    "Recommandations": "Recommandations",
    "Fichier_Convention": "",
    "Observations": "Remarques",
}
ACTIONS = {
    "Ref_Action": "Référence",
    "Ref_Accord": "Convention",
    "Commune_Benin": "Communes",
    "Titre_Action": "Intitulé",
    "Secteur": "",
    "Date_Debut": "Début prévu",
    "Date_Fin": "Fin prévue",
    "Budget": "Montant 1",
    "Financeur_Principal": "Financeur 1",
    "Beneficiaires": "Bénéficiaires",
    "Resultats": "Résultats",
    "Statut": "État",
}
EXCHANGES = {
    "Ref_Echange": "Référence",
    "Ref_Accord": "Convention",
    "Type_Echange": "Échange",
    "Date": "Date",
    "Lieu": "Où",
    "Participants_Benin": "Qui, du Bénin",
    "Participants_Partenaires": "Qui, du partenaire",
    "Objectifs": "Objet",
    "Resultats": "Résultats",
    "Rapport": "Rapport",
}
# A list of agreements that are known from public sources.
PUBLIC_LIST = {
    "key": "Référence dans la liste",
    "benin_party": "Parties 1",
    "benin_commune_codes": "",
    "foreign_party": "Partie 2",
    "foreign_kind": "Nature de la partie 2",
    "foreign_country": "Pays de la partie 2",
    "other_parties": "Parties 3",
    "kind": "Nature",
    "signed": "Signée le",
    "starts": "Début",
    "ends": "Fin",
    "partnership_since": "Partenariat depuis",
    "themes": "Thèmes",
    "amounts": "",
    "actions": "Actions",
    "status_if_said": "",
    "source_url": "Source : adresse 1",
    "source_title": "Source : titre 1",
    "source_date": "Source : date 1",
    "confidence": "Source : ce qu’elle établit 1",
    "remarks": "Remarques",
}


def folded(*layouts) -> dict[str, str]:
    """{folded heading: column of ours}."""
    return {fold(heading): column for layout in layouts for heading, column in layout.items()}
