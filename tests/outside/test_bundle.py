"""The CSV bundle, as a tool that knows nothing of the registry reads it."""

from urllib.request import urlretrieve


def test_frictionless_finds_no_fault_in_the_bundle(registry, tool, tmp_path):
    address, _ = registry
    bundle, _ = urlretrieve(f"{address}/donnees/registre-csv.zip", tmp_path / "registre.zip")  # noqa: S310
    done = tool("frictionless", "validate", bundle, "--type", "package")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "conventions" in done.stdout
