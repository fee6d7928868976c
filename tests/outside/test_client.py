"""A client that a public generator makes from our description reads the registry."""

READ = """
from client import Client
from client.api.conventions import conventions_list, conventions_retrieve
from client.api.actions import actions_list

with Client(base_url="{address}") as client:
    one = conventions_retrieve.sync("CONV-2026-0010", client=client)
    print(one.title, sorted(party.partner.slug for party in one.parties))
    print([(total.currency, total.amount) for total in one.totals], one.term)
    found = conventions_list.sync(client=client, q="orleans parakou")
    print(found.count, [row.reference for row in found.results])
    print(len(actions_list.sync(client=client, convention="CONV-2026-0010").results))
"""


def test_a_generated_client_reads_orleans_parakou(tool, registry, tmp_path):
    address, _ = registry
    made = tool(
        "openapi-python-client",
        "generate",
        *("--url", f"{address}/api/schema/"),
        *("--output-path", tmp_path / "client"),
        *("--meta", "none"),
    )
    assert made.returncode == 0, made.stdout
    assert "Warning" not in made.stdout, made.stdout
    done = tool("python", "-c", READ.format(address=address), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "Partenariat Orléans-Parakou ['orleans', 'parakou']",
        "[('EUR', '1123884.00')] 2021",
        "4 ['CONV-2026-0010', 'CONV-2025-0037', 'CONV-2025-0036', 'CONV-2025-0035']",
        "9",
    ]
