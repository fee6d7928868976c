import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import (
    make_action,
    make_avenant,
    make_axis,
    make_budget_line,
    make_convention,
    make_disbursement,
    published,
)


@pytest.mark.parametrize("name", ["conventions", "actions", "partners"])
def test_the_api_takes_the_same_queries_whatever_its_length(client, name):
    def grow():
        convention = make_convention(**published())
        make_avenant(convention, **published())
        make_action(convention, axis=make_axis(convention))
        make_disbursement(make_budget_line(convention, action=make_action(convention)))

    def queries():
        client.get(f"/api/v1/{name}/", {"q": "rien"})  # the index follows
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/api/v1/{name}/").status_code == 200
        return len(captured)

    grow()
    few = queries()
    for _ in range(12):
        grow()
    assert queries() == few
