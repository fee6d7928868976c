"""What each figure of a report counts: shown beside it on pages, in an annex with a number in PDFs."""

from cooperation.values.money import PARITY_TEXT
from cooperation.values.places import COMMUNES_OF_BENIN

PARITY = f"{PARITY_TEXT} (parité fixe depuis le 1er janvier 1999, règlement CE n° 2866/98)"

# In the order of their numbers.
DEFINITIONS = {
    "conventions": (
        "Conventions",
        "Conventions publiées dans le registre qui répondent au périmètre. Pour une période : celles "
        "qui ont pu être en vigueur au moins un jour, d’après les avenants signés à sa fin, et, pour "
        "un bilan, celles dont une action est datée de la période. Un avenant n’est pas une nouvelle "
        "convention ; des doublons réunis comptent une fois. Ce qui n’est qu’envisagé, ou a été refusé, "
        "n’en est pas une.",
    ),
    "en-vigueur": (
        "En vigueur",
        "Conventions commencées à la date d’arrêt et dont le terme, avenants signés à cette date "
        "compris, n’est pas passé. Celles dont le début ou le terme n’est pas renseigné sont comptées "
        "à part.",
    ),
    "a-venir": ("À venir", "Conventions dont le début est postérieur à la date d’arrêt."),
    "nouvelles": (
        "Nouvelles",
        "Conventions dont le début, ou à défaut la signature, tombe dans la période.",
    ),
    "renouvelees": (
        "Renouvelées ou prolongées",
        "Conventions qui font suite à une autre et commencent dans la période, et conventions dont "
        "un avenant signé dans la période repousse le terme, ou en donne un où il n’était pas connu.",
    ),
    "avenants-sans-date": (
        "Avenants sans date de signature",
        "Conventions dont un avenant change le terme, sans que la source dise quand il a été signé : "
        "on ne sait pas s’il est de la période.",
    ),
    "a-echoir": (
        "À échoir l’année suivante",
        "Conventions dont le terme, avenants compris, tombe dans l’année qui suit la période.",
    ),
    "achevees": (
        "Arrivées à terme",
        "Conventions dont le terme, avenants compris, tombe dans la période.",
    ),
    "terme-passe": (
        "Terme passé",
        "Conventions dont le terme, avenants signés à la date d’arrêt compris, est passé ce jour-là.",
    ),
    "terme-inconnu": (
        "Terme non renseigné",
        "Conventions dont la source ne dit pas la fin. Elles comptent à partir de leur début.",
    ),
    "dates-inconnues": (
        "Terme non renseigné",
        "Conventions dont la source ne dit pas le début ou la fin, de sorte que le registre ne sait "
        "pas si elles sont en vigueur à la date d’arrêt.",
    ),
    "reunies": (
        "Suivi réuni",
        "Conventions dont une réunion de suivi enregistrée est datée de la période.",
    ),
    "sans-reunion": (
        "Suivi non réuni",
        "Conventions en vigueur à la date d’arrêt qui prévoient un comité de suivi, et dont aucune "
        "réunion de la période n’est enregistrée.",
    ),
    "suspendues": (
        "Suspendues ou en sommeil",
        "Conventions dont une source dit qu’elles étaient suspendues ou en sommeil à la date d’arrêt.",
    ),
    "arretees": (
        "Arrêtées avant leur terme",
        "Conventions dont une source dit qu’elles ont été arrêtées ou dénoncées à la date d’arrêt.",
    ),
    "actions": (
        "Actions",
        "Actions publiées de ces conventions ; pour une période, celles dont les dates, ou à défaut "
        "celles de leur convention, la touchent.",
    ),
    "communes": (
        "Communes couvertes",
        f"Communes du Bénin, sur {COMMUNES_OF_BENIN}, qui sont parties à l’une de ces conventions ou bien où se mène "
        "l’une de leurs actions publiées.",
    ),
    "pays": (
        "Pays partenaires",
        "Pays des parties, le Bénin non compris.",
    ),
    "prevu": (
        "Montants prévus",
        "Somme des montants accordés, ou donnés sans autre précision, dans leur monnaie d’origine : "
        "pour toute la durée, ou pour chacune des années qu’un montant annuel nomme. Chaque ligne compte "
        "une fois, même partagée par plusieurs conventions, et une partie ne compte pas avec son tout. "
        "Ce qui est demandé, refusé, estimé, annuel sans années, de tant à tant ou à ce jour reste à "
        "côté. L’ensemble converti ajoute euros et francs CFA à la parité fixe et les autres "
        "monnaies au dernier taux connu du registre ; ce qui n’a pas de taux reste à part. "
        + PARITY,
    ),
    "valorisation": (
        "Valorisation",
        "Temps d’agents et biens auxquels une valeur est donnée. Elle n’est jamais mêlée au "
        "numéraire sans le dire ; la part se calcule sur les montants convertis dont la nature est "
        "connue.",
    ),
    "paye": (
        "Montants payés",
        "Versements enregistrés, sans ce qui en a été dépensé, dans la monnaie du paiement ; pour une période, ceux qui y sont "
        "datés. Un décaissement sans date ne compte que dans les totaux de toute la durée.",
    ),
    "dossier-legal": (
        "Dossier légal",
        "Délibération du conseil, transmission à la tutelle et approbation, telles que le registre "
        "les tient, faites à la date d’arrêt ou sans date. Une étape absente du registre peut avoir "
        "eu lieu.",
    ),
    "resultats": (
        "Résultats et cibles",
        "Dernière valeur mesurée de chaque indicateur jusqu’à la fin de la période, comparée à sa "
        "cible : part du chemin entre la valeur de départ et la cible.",
    ),
    "sans-nouvelles": (
        "Sans nouvelles",
        "Conventions en vigueur à la date d’arrêt dont rien n’a changé dans le registre pendant les "
        "douze mois qui précèdent le jour du décompte : ni la fiche, ni les parties, avenants, étapes "
        "légales, actions, montants, paiements, indicateurs et mesures.",
    ),
}
NUMBERS = {name: number for number, name in enumerate(DEFINITIONS, start=1)}

# What each report is about, in the annex of its PDF and at the foot of its page.
METHODS = {
    "inventaire": "L’inventaire porte sur les conventions publiées que les filtres retiennent. Une "
    "période retient ce qui a pu être en vigueur l’une de ses années ; les termes sont ceux des "
    "avenants signés à sa fin, et les montants ceux de toute la durée.",
    "bilan": "Le bilan porte sur les conventions publiées qui ont pu être en vigueur au moins un jour "
    "de la période, d’après les avenants signés à sa fin, et sur celles dont une action y est datée. "
    "Une convention dont le terme n’est pas renseigné compte à partir de son début ; une convention "
    "dont ni elle ni ses actions ne portent de date ne compte pas. Les termes sont ceux de la date "
    "d’arrêt ; l’état et l’avancement des actions, les montants et les textes sont ceux que le "
    "registre tenait le jour du décompte.",
}
