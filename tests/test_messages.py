"""What people are told they did is what was done: every message of success, and the state it promises."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from agreements.models import Convention
from cooperation.entry.once import USED
from cooperation.entry.workflow import STEPS
from cooperation.models import ApiToken, Partner, SavedSearch, User
from cooperation.records.gates import Status
from cooperation.roles import Role
from reports.models import Bilan, Report
from tests.entry import ADD, change, page_data
from tests.factories import (
    make_action,
    make_budget_line,
    make_convention,
    make_indicator,
    make_partner,
    make_user,
    published,
)
from tests.mails import delivered

APPS = ("cooperation", "agreements", "actions", "reports", "workgroup", "communes")


TELLING = ("messages.success", "messages.info", "self.message_user")


def promises_in_the_code() -> set[str]:
    """Every text given to messages.success, messages.info or message_user, its values as « … »."""
    found = set()
    for app in APPS:
        for file in Path(settings.BASE_DIR, app).rglob("*.py"):
            tree = ast.parse(file.read_text())
            named = {
                target.id: node.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Assign)
                for target in node.targets
                if isinstance(target, ast.Name)
            }
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in TELLING:
                    found |= texts(node.args[1], named)
    return found


def texts(node, named) -> set[str]:
    if isinstance(node, ast.Constant):
        return {node.value}
    if isinstance(node, ast.JoinedStr):
        parts = (v.value if isinstance(v, ast.Constant) else "…" for v in node.values)
        return {"".join(parts)}
    if isinstance(node, ast.IfExp):
        return texts(node.body, named) | texts(node.orelse, named)
    if isinstance(node, ast.Name) and node.id in named:
        return texts(named[node.id], named)
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "format_html":
        return texts(node.args[0], named)
    return {ast.unparse(node)}


class Registry:
    """A convention of a commune, and people who act on it."""

    def __init__(self, client):
        self.client = client
        self.parakou, self.orleans = make_partner(name="Parakou"), make_partner(country="FR")
        self.agent = make_user(Role.COMMUNE, partner=self.parakou, email="agent@example.org")
        self.secretary = make_user(Role.SECRETARIAT, email="s@example.org")
        self.convention = make_convention([self.parakou, self.orleans], title="La nôtre")

    def as_(self, user):
        self.client.force_login(user)
        return self.client

    def step(self, slug, user, **status):
        if status:
            Convention.objects.update(**status)
        self.convention.refresh_from_db()
        address = reverse("convention_step", args=[self.convention.reference, slug])
        sent = {"version": self.convention.version, "reason": "Un motif"}
        return self.as_(user).post(address, sent, follow=True)

    def status(self):
        self.convention.refresh_from_db()
        return self.convention.status


def a_form_saved(registry):
    registry.client.force_login(registry.agent)
    address = change(registry.convention)
    data = page_data(registry.client.get(address)) | {"title": "Relue"}
    yield registry.client.post(address, data, follow=True)
    registry.convention.refresh_from_db()
    assert registry.convention.title == "Relue"


def submitted(registry):
    yield registry.step("soumettre", registry.agent)
    assert registry.status() == Status.SUBMITTED
    assert [message.to for message in delivered()] == [["s@example.org"]]


def submitted_to_nobody(registry):
    registry.secretary.email = ""
    registry.secretary.save()
    yield registry.step("soumettre", registry.agent)
    assert registry.status() == Status.SUBMITTED
    assert delivered() == []


def taken_back(registry):
    yield registry.step("reprendre", registry.agent, status=Status.SUBMITTED)
    assert registry.status() == Status.DRAFT


def returned(registry):
    yield registry.step("renvoyer", registry.secretary, status=Status.SUBMITTED)
    assert registry.status() == Status.RETURNED
    assert [message.to for message in delivered()] == [["agent@example.org"]]


def returned_to_nobody(registry):
    registry.agent.email = ""
    registry.agent.save()
    yield registry.step("renvoyer", registry.secretary, status=Status.SUBMITTED)
    assert registry.status() == Status.RETURNED
    assert delivered() == []


def made_public(registry):
    yield registry.step("publier", registry.secretary)
    registry.client.logout()
    assert registry.client.get(registry.convention.get_absolute_url()).status_code == 200


def withdrawn(registry):
    yield registry.step("retirer", registry.secretary, **published())
    registry.client.logout()
    page = registry.client.get(registry.convention.get_absolute_url())
    assert (page.status_code, "Un motif" in page.content.decode()) == (410, True)


def public_again(registry):
    yield registry.step("retablir", registry.secretary, **published(status=Status.WITHDRAWN))
    registry.client.logout()
    assert registry.client.get(registry.convention.get_absolute_url()).status_code == 200


def a_value_restored(registry):
    registry.convention.title = "Faute de frappe"
    registry.convention.save()
    row = registry.convention.history.first()
    address = reverse("convention_restore", args=[registry.convention.reference])
    sent = {"model": "agreements.convention", "row": row.history_id, "field": "title"}
    yield registry.as_(registry.agent).post(address, sent, follow=True)
    registry.convention.refresh_from_db()
    assert registry.convention.title == "La nôtre"
    assert "Rétabli" in registry.convention.history.first().history_change_reason


def a_draft_deleted(registry):
    address = reverse("admin:agreements_convention_delete", args=[registry.convention.pk])
    yield registry.as_(registry.agent).post(address, {"post": "yes"}, follow=True)
    assert "La nôtre" in registry.client.get(reverse("deleted_list")).content.decode()


def a_draft_restored(registry):
    *_, _page = a_draft_deleted(registry)
    row = Convention.history.filter(history_type="-").get()
    sent = {"model": "agreements.convention", "row": row.history_id}
    yield registry.as_(registry.agent).post(reverse("deleted_list"), sent, follow=True)
    assert Convention.objects.get().status == Status.DRAFT


def a_form_sent_twice(registry):
    client = registry.as_(registry.agent)
    sent = page_data(client.get(ADD)) | {"title": "Une seule", "csrfmiddlewaretoken": "x"}
    page = client.get(ADD).content.decode()
    key = re.search(r'name="form_key" value="([^"]+)"', page).group(1)
    sent["form_key"] = key
    client.post(ADD, sent)
    yield client.post(ADD, sent, follow=True)
    assert Convention.objects.filter(title="Une seule").count() == 1


def partners_published(registry):
    draft = make_partner(name="Nouveau", status=Status.DRAFT, published_at=None)
    sent = {"action": "publish", "_selected_action": [draft.pk]}
    address = reverse("admin:cooperation_partner_changelist")
    yield registry.as_(registry.secretary).post(address, sent, follow=True)
    assert Partner.objects.get(pk=draft.pk).is_published


def merged(registry):
    other = make_convention([registry.parakou, registry.orleans], title="La même")
    client = registry.as_(registry.secretary)
    address = reverse("convention_merge", args=[registry.convention.reference, other.reference])
    form = client.get(address).context["form"]
    sent = {name: form[name].value() for name in form.fields} | {"reason": "Un double"}
    yield client.post(address, {k: v for k, v in sent.items() if v}, follow=True)
    other.refresh_from_db()
    assert (other.status, other.merged_into) == (Status.MERGED, registry.convention)


def partners_merged(registry):
    other = make_partner(name="Ville d’Orléans", country="FR")
    client = registry.as_(registry.secretary)
    address = reverse("partner_merge", args=[registry.orleans.slug, other.slug])
    form = client.get(address).context["form"]
    sent = {name: form[name].value() for name in form.fields} | {"reason": "La même"}
    yield client.post(address, {k: v for k, v in sent.items() if v}, follow=True)
    other.refresh_from_db()
    assert other.merged_into == registry.orleans


def a_measure(registry):
    action = make_action(registry.convention)
    indicator = make_indicator(registry.convention, action=action)
    sent = {"indicator": indicator.pk, "value": "12", "measured_on": "2024", "source": "Relevé"}
    address = reverse("measurement_add", args=[action.reference])
    yield registry.as_(registry.agent).post(address, sent, follow=True)
    assert indicator.measurements.get().value == 12


def a_payment(registry):
    line = make_budget_line(registry.convention, amount=10, currency="EUR")
    sent = {"amount": "10", "currency": "EUR", "paid_on": "2024", "kind": "verse"}
    address = reverse("payment_add", args=[line.uid])
    yield registry.as_(registry.agent).post(address, sent, follow=True)
    assert line.disbursements.get().amount == 10


def a_password(registry):
    registry.agent.set_password("ancien-mot-de-passe-2026")
    registry.agent.save()
    client = registry.as_(registry.agent)
    new = "vingt-quatre manguiers de Parakou"
    sent = {"oldpassword": "ancien-mot-de-passe-2026", "password1": new, "password2": new}
    yield client.post(reverse("account_change_password"), sent, follow=True)
    registry.agent.refresh_from_db()
    assert registry.agent.check_password(new)


def a_token_revoked(registry):
    token = ApiToken(user=registry.agent, name="Tableur")
    secret = token.give()
    yield registry.as_(registry.agent).post(
        reverse("token_revoke", args=[token.reference]), follow=True
    )
    registry.client.logout()
    headers = {"Authorization": f"Bearer {secret}"}
    assert registry.client.get("/api/v1/conventions/", headers=headers).status_code == 401


def a_bilan_written(registry):
    bilan = Bilan.objects.create(title="Bilan", first_year=2024, last_year=2024)
    sent = {"title": "Bilan 2024", "version": bilan.version, "opened_version": bilan.version}
    address = reverse("bilan_write", args=[bilan.reference])
    yield registry.as_(registry.secretary).post(address, sent, follow=True)
    assert Bilan.objects.get().title == "Bilan 2024"


def followed(registry):
    address = f"{reverse('search_save', args=['convention'])}?q=eau"
    yield registry.as_(registry.agent).post(address, {"name": "Eau"}, follow=True)
    assert SavedSearch.objects.get().user.email


def kept_without_an_address(registry):
    registry.agent.email = ""
    registry.agent.save()
    address = f"{reverse('search_save', args=['convention'])}?q=eau"
    yield registry.as_(registry.agent).post(address, {"name": "Eau"}, follow=True)
    assert SavedSearch.objects.get().user.email == ""


def forgotten(registry):
    *_, _page = followed(registry)
    address = reverse("search_delete", args=[SavedSearch.objects.get().reference])
    yield registry.client.post(address, follow=True)
    assert not SavedSearch.objects.exists()


def waited_for(registry, *others):
    report = Report.objects.create(
        kind=Report.Kind.YEAR,
        options={"year": 2024, "weight": 1},
        extension="pdf",
        user=registry.agent,
        filename="bilan.pdf",
    )
    report.watchers.add(registry.agent, *others)
    return report


def a_report_cancelled(registry):
    report = waited_for(registry)
    address = reverse("report_cancel", args=[report.reference])
    yield registry.as_(registry.agent).post(address, follow=True)
    report.refresh_from_db()
    assert report.state == Report.State.CANCELLED


def a_report_that_others_wait_for(registry):
    report = waited_for(registry, registry.secretary)
    address = reverse("report_cancel", args=[report.reference])
    yield registry.as_(registry.agent).post(address, follow=True)
    report.refresh_from_db()
    assert (report.is_busy, list(report.watchers.all())) == (True, [registry.secretary])


def confirmed(registry):
    Convention.objects.update(provenance="a-verifier", **published())
    registry.convention.refresh_from_db()
    address = reverse("convention_confirm", args=[registry.convention.reference])
    sent = {"version": registry.convention.version}
    yield registry.as_(registry.agent).post(address, sent, follow=True)
    registry.convention.refresh_from_db()
    assert registry.convention.provenance == Convention.Provenance.CONFIRMED
    row = registry.convention.history.first()
    assert (row.history_user, row.history_change_reason) == (
        registry.agent,
        "Confirmée par la commune.",
    )


def notice_told(registry):
    Convention.objects.update(**published())
    address = reverse("error_notice_add", args=[registry.convention.reference])
    yield registry.client.post(address, {"text": "La fin est 2021."}, follow=True)
    (notice,) = registry.convention.error_notices.all()
    assert notice.text == "La fin est 2021."
    assert {message.to[0] for message in delivered()} >= {"agent@example.org"}


def notice_untold(registry):
    User.objects.update(email="")
    Convention.objects.update(**published())
    address = reverse("error_notice_add", args=[registry.convention.reference])
    yield registry.client.post(address, {"text": "La fin est 2021."}, follow=True)
    agent = registry.as_(registry.agent).get(reverse("error_notice_list"))
    assert "La fin est 2021." in agent.content.decode()


def notice_answered(registry):
    Convention.objects.update(**published())
    notice = registry.convention.error_notices.create(text="Faux", reply_to="lecteur@example.org")
    sent = {"signalement": notice.pk, "answer": "C’est corrigé."}
    yield registry.as_(registry.agent).post(reverse("error_notice_list"), sent, follow=True)
    notice.refresh_from_db()
    assert (notice.answer, notice.reply_to) == ("C’est corrigé.", "")
    (message,) = delivered()
    assert message.to == ["lecteur@example.org"]


def notice_closed(registry):
    Convention.objects.update(**published())
    notice = registry.convention.error_notices.create(text="Faux")
    sent = {"signalement": notice.pk, "answer": "C’est juste : voir l’article 4."}
    yield registry.as_(registry.agent).post(reverse("error_notice_list"), sent, follow=True)
    notice.refresh_from_db()
    assert notice.answered_by == registry.agent
    assert not delivered()


# {the message: what leads to it, and what must then be so}
PROMISES = {
    "C’est enregistré.": a_form_saved,
    f"{STEPS['soumettre'].done} {STEPS['soumettre'].told}": submitted,
    f"{STEPS['soumettre'].done} {STEPS['soumettre'].untold}": submitted_to_nobody,
    STEPS["reprendre"].done: taken_back,
    f"{STEPS['renvoyer'].done} {STEPS['renvoyer'].told}": returned,
    f"{STEPS['renvoyer'].done} {STEPS['renvoyer'].untold}": returned_to_nobody,
    STEPS["publier"].done: made_public,
    STEPS["retirer"].done: withdrawn,
    STEPS["retablir"].done: public_again,
    "C’est rétabli, et noté dans l’historique.": a_value_restored,
    "Une fiche supprimée par erreur ? …": a_draft_deleted,
    "« … » est de retour (…).": a_draft_restored,
    "Les partenaires choisis sont publiés.": partners_published,
    "… mène désormais à cette fiche.": merged,
    "L’adresse de « … » mène désormais à cette fiche.": partners_merged,
    "La mesure est enregistrée.": a_measure,
    "Le paiement est enregistré.": a_payment,
    "La fiche est confirmée par la commune.": confirmed,
    "Merci. Le secrétariat et la commune sont prévenus de votre signalement.": notice_told,
    "Merci. Votre signalement attend le secrétariat et la commune dans leur liste.": notice_untold,
    "Ce signalement est clos : la réponse est partie.": notice_answered,
    "Ce signalement est clos ; personne n’avait laissé d’adresse.": notice_closed,
    "Le jeton « … » ne sert plus.": a_token_revoked,
    "Le texte est enregistré.": a_bilan_written,
    "Vous recevrez un message quand il y aura du nouveau.": followed,
    "Cette recherche est gardée ; mais votre compte n’a pas d’adresse électronique où vous écrire : "
    "demandez au secrétariat de l’ajouter.": kept_without_an_address,
    "Cette recherche n’est plus suivie.": forgotten,
    "Ce rapport n’est plus en préparation.": a_report_cancelled,
    "Vous ne serez pas prévenu : d’autres attendent ce rapport.": a_report_that_others_wait_for,
    "Votre mot de passe est changé. Vos autres appareils sont déconnectés, et vos jetons "
    "sont révoqués : un programme qui s’en servait en demande un nouveau.": a_password,
    USED: a_form_sent_twice,
}
# The text of a step, which stands above; a page that had waited (tests of accounts/kept.py); accounts
# (tests of accounts/, whose tests follow each with what it did).
AT_WORK = {
    # The tutelle (tests/agreements/test_supervision.py).
    "C’est noté dans le dossier légal de la convention.",
    "Le document est partagé ; l’annonce part demain matin avec les autres.",
    "Le document partagé est corrigé.",
    # Indicators (tests/reports/views/test_ponadec.py).
    "L’indicateur est ajouté : saisissez ses années.",
    "L’indicateur est corrigé.",
    "L’année … est enregistrée.",
    # Good practices (tests/actions/test_practices.py).
    "Ce que l’action dit est repris : complétez, puis soumettez au secrétariat.",
    "La bonne pratique est enregistrée.",
    "La réunion est en préparation : personne n’est encore prévenu.",
    "La réunion est enregistrée.",
    "La réunion en préparation est supprimée ; ses points attendent la suivante.",
    "Le point est enregistré.",
    "Votre point est proposé pour la prochaine réunion.",
    "C’est noté. Vous pouvez changer de réponse jusqu’à la réunion.",
    "Les présences sont enregistrées.",
    "Le document est joint à la réunion.",
    "Le groupe est enregistré.",
    "Le mandat est enregistré.",
    "L’engagement est enregistré.",
    "L’engagement est noté.",
    "Votre calendrier a une nouvelle adresse ; l’ancienne est fermée.",
    "Vous recevrez de nouveau ces courriels.",
    "Vous ne recevrez plus ces courriels.",
    "Enregistré à ….",
    "Votre correction est envoyée : sa suite vous sera dite.",
    "C’est noté.",
    "Le projet est en préparation : écrivez-en les sections.",
    "Le projet est enregistré.",
    "La version est enregistrée.",
    "open_window(draft, request.user, form.cleaned_data['version'])",
    "La section est enregistrée.",
    "Votre remarque est envoyée : sa suite vous sera dite.",
    "Le texte proposé est dans la version en préparation.",
    "Ce qui change part aux membres dans un seul message, dans cinq minutes.",
}
ELSEWHERE = {
    # What groups do (tests/workgroup/views).
    *AT_WORK,
    "carry_out(step, record, by=request.user, **form.cleaned_data)",
    "carry_out(STEPS['soumettre'], obj, by=request.user, version=obj.version)",
    "Cette page avait trop attendu : connectez-vous de nouveau.",
    # Several records at once (test_selection.py).
    "… ….",
    "Si … n’est pas l’adresse d’un autre compte, un message y part : ouvrez son lien dans les trois "
    "jours. Jusque-là, votre adresse reste la même.",
    "L’adresse du compte « … » est maintenant ….",
    "Votre nouveau mot de passe est enregistré : connectez-vous avec lui.",
    "Vos autres appareils sont déconnectés.",
    "Votre demande attend le secrétariat. Il vérifie, puis une invitation arrive à …, ou la raison "
    "d’un refus.",
    "Votre compte est ouvert, et vous êtes connecté.",
    "L’invitation part vers ….",
    "L’invitation part de nouveau vers ….",
    "L’invitation de … n’ouvre plus rien.",
    "La demande est refusée : le motif part vers ….",
    "Le compte « … » ….",
    "Le compte « … » n’a plus de second facteur ; ses appareils sont déconnectés.",
}


def test_every_message_of_success_has_its_promise():
    """« Le secrétariat est prévenu » stood over conventions that nobody had heard of."""
    of_steps = {
        text
        for step in STEPS.values()
        for text in (step.done, f"{step.done} {step.told}", f"{step.done} {step.untold}")
    }
    assert promises_in_the_code() - ELSEWHERE == set(PROMISES) - of_steps
    assert {text for text in PROMISES if text in of_steps} == {
        text for text in of_steps if not text.endswith(" ")
    } - {STEPS[slug].done for slug in ("soumettre", "renvoyer")}


@pytest.mark.parametrize("message", PROMISES)
def test_what_is_told_is_so(client, message):
    registry = Registry(client)
    acts = PROMISES[message](registry)
    page = next(acts)
    told = [str(said) for said in page.context["messages"]]
    pattern = re.escape(message).replace("…", ".*")
    assert any(re.fullmatch(pattern, said) for said in told), told
    with pytest.raises(StopIteration):
        next(acts)
