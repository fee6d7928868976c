"""IATI files read back, and files of others to bring in."""

from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import strategies as st

from actions.iati import codes
from cooperation.importing.forms import question_name
from cooperation.models import Import

ACTIVITIES = "/iati/activities.xml"


def read(client, address=ACTIVITIES):
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml; charset=utf-8"
    return response.getvalue()


def told(tree, path):
    return tree.xpath(path, namespaces={"r": codes.REGISTRY})


def bring_in(client, content, answers=()):
    """Send a file, answer, confirm; the import."""
    file = SimpleUploadedFile("activites.xml", content, "application/xml")
    response = client.post("/imports/nouveau/iati/", {"file": file, "reason": "Essai"})
    assert response.status_code == 302, response.content.decode()[-3000:]
    job = Import.objects.latest("pk")
    if answers:
        data = {question_name(key): answers[key] for key in job.questions if key in answers}
        client.post(f"/imports/{job.reference}/reponses/", data)
        job.refresh_from_db()
    if job.to_write:
        address = f"/imports/{job.reference}/confirmer/"
        client.post(address, {"fingerprint": job.fingerprint}, follow=True)
        job.refresh_from_db()
        assert job.state == "importe", (job.state, job.failure, job.notice)
    return job


amounts = {
    "EUR": st.decimals("0.01", "9999999999999.99", places=2),
    "XOF": st.integers(1, 9999999999999),
}


FOREIGN = """<?xml version="1.0"?>
<iati-activities version="2.03">
 <iati-activity default-currency="EUR">
  <iati-identifier>XX-1-child</iati-identifier>
  <title><narrative>Un puits</narrative></title>
  <description><narrative>Creuser.</narrative></description>
  <participating-org role="4"><narrative>Parakou</narrative></participating-org>
  <activity-date iso-date="2020-03-01" type="2"/>
  <budget><period-start iso-date="2020-01-01"/><period-end iso-date="2020-12-31"/>
   <value value-date="2020-01-01">1500.5</value></budget>
  <related-activity ref="XX-1" type="1"/>
 </iati-activity>
 <iati-activity default-currency="EUR">
  <iati-identifier>XX-1</iati-identifier>
  <title><narrative xml:lang="en">Water</narrative><narrative xml:lang="fr">Eau à Parakou</narrative></title>
  <description type="2"><narrative>Boire.</narrative></description>
  <participating-org ref="XX-9" role="1"><narrative>Fonds de l’eau</narrative></participating-org>
  <participating-org role="2"><narrative>Ville de Parakou</narrative></participating-org>
  <activity-date iso-date="2019-11-14" type="1"/>
  <activity-date iso-date="2021-12-31" type="3"/>
  <sector code="14030"/>
  <sector vocabulary="2" code="140"/>
  <tag vocabulary="2" code="6"/>
  <transaction><transaction-type code="2"/><transaction-date iso-date="2019-11-14"/>
   <value currency="XOF" value-date="2019-11-14">655957</value>
   <provider-org><narrative>Fonds de l’eau</narrative></provider-org></transaction>
  <crs-add><other-flags code="1" significance="1"/></crs-add>
  <strange xmlns="urn:x">gardé</strange>
 </iati-activity>
 <iati-activity>
  <iati-identifier>XX-2</iati-identifier>
  <related-activity ref="XX-ailleurs" type="1"/>
  <title><narrative>Orpheline</narrative></title>
 </iati-activity>
 <iati-activity>
  <iati-identifier>XX-3</iati-identifier>
  <description><narrative>Sans titre.</narrative></description>
 </iati-activity>
 <iati-activity><title><narrative>Sans identifiant</narrative></title></iati-activity>
 <iati-activity><iati-identifier>XX-1</iati-identifier><title><narrative>Encore</narrative></title></iati-activity>
</iati-activities>
""".encode()


def activities(*some):
    inner = "".join(some)
    return (
        f'<iati-activities version="2.03" xmlns:registre="{codes.REGISTRY}">{inner}</iati-activities>'
    ).encode()


def activity(identifier, inner="", title="Eau"):
    return (
        f"<iati-activity><iati-identifier>{identifier}</iati-identifier>"
        f"<title><narrative>{title}</narrative></title>{inner}</iati-activity>"
    )
