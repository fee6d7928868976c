import pytest

from reports.pdf import printing
from tests.factories import make_action, make_budget_line, make_convention, make_partner, published


@pytest.fixture
def many(db, pango, monkeypatch):
    """Thirty conventions with actions, and reports cut as if they were thousands."""
    monkeypatch.setattr(printing, "SHORT", 0)
    parties = [make_partner(), make_partner(name="Ville d’ailleurs", country="FR")]
    for number in range(30):
        convention = make_convention(
            parties, title=f"Coopération numéro {number:02}", **published()
        )
        for _ in range(3):
            make_action(convention, places=parties[:1], state="en-cours")
        make_budget_line(convention, amount="1000.10", nature="numeraire")
