"""Programs that read and write, and what they ask for."""

import json

from django.test import Client

from cooperation.models import ApiToken
from cooperation.rest.problems import CONTENT_TYPE, SAID

CONVENTIONS = "/api/v1/conventions/"
BATCH = "/api/v1/batch/"
RESOURCES = (
    "actions arrondissements avenants axes budget-lines cited-sources conventions disbursements documents exchanges "
    "good-practices group-meetings indicators instalments legal-steps measurements meetings memberships minutes "
    "official-texts other-values parties partners ponadec-indicators shared-documents signatures situations themes"
)
LISTS = [f"/api/v1/{name}/" for name in RESOURCES.split()]
RECORD_LISTS = [CONVENTIONS, "/api/v1/actions/", "/api/v1/partners/"]
KEYS = {
    "partners": "slug",
    "themes": "slug",
    "arrondissements": "code",
    "conventions": "reference",
    "actions": "reference",
    "documents": "reference",
    "good-practices": "reference",
    "group-meetings": "reference",
    "official-texts": "reference",
    "ponadec-indicators": "slug",
}
WRITE = ApiToken.Scope.WRITE


class Program:
    """A client with a token and nothing else."""

    def __init__(self, user, scope=WRITE, **facts):
        self.client = Client()
        self.user = user
        self.token = ApiToken(user=user, name="Essai", scope=scope, **facts)
        self.secret = self.token.give()

    def send(self, method, address, body=None, version=None, key=None, etag=None):
        headers = {"authorization": f"Bearer {self.secret}"}
        if etag is not None:
            headers["if-none-match"] = etag
        if version is not None:
            headers["if-match"] = str(version)
        if key is not None:
            headers["idempotency-key"] = key
        facts = (
            {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        )
        return getattr(self.client, method)(address, headers=headers, **facts)

    def get(self, address):
        return self.send("get", address)

    def post(self, address, body, **kwargs):
        return self.send("post", address, body, **kwargs)

    def patch(self, address, body, version=None, **kwargs):
        return self.send("patch", address, body, version, **kwargs)


def address(record):
    names = {"convention": "conventions", "budgetline": "budget-lines", "action": "actions"}
    key = getattr(record, record.address_field)
    return f"/api/v1/{names[record._meta.model_name]}/{key}/"


def refused(response, status):
    assert response.status_code == status, response.content
    assert response["Content-Type"] == CONTENT_TYPE
    return response.json().get("errors", [])


def problem(response, status):
    assert response.status_code == status
    assert response["Content-Type"] == CONTENT_TYPE
    told = response.json()
    assert (told["status"], told["detail"], told["detail_en"]) == (status, *SAID[status])
    return told
