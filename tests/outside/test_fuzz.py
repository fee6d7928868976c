"""schemathesis tries every operation of the API with what its description allows, and what it does not.

EXAMPLES says how many of each phase (3: the checks must end within the hour): 200 before a release.
"""

import os

import pytest

EXAMPLES = os.environ.get("EXAMPLES", "3")
READING = ["--include-method", "GET"]
WRITING = [word for method in ("POST", "PATCH", "DELETE") for word in ("--include-method", method)]


@pytest.mark.parametrize("signed_in", [False, True], ids=["visitor", "secretariat"])
@pytest.mark.parametrize("methods", [READING, WRITING], ids=["reading", "writing"])
def test_no_request_surprises_the_api(tool, registry, tmp_path, methods, signed_in):
    address, token = registry
    headers = ["-H", f"Authorization: Bearer {token}"] if signed_in else []
    settings = tmp_path / "schemathesis.toml"
    settings.write_text(SETTINGS)
    done = tool(
        "schemathesis",
        *("--config-file", settings),
        *("run", f"{address}/api/schema/", "--no-color", "--checks", "all"),
        *("--max-examples", EXAMPLES),
        # How fast examples are thought out is the machine's, not the API's.
        "--suppress-health-check=too_slow",
        *methods,
        *headers,
        cwd=tmp_path,
    )
    told = done.stdout.partition("= SUMMARY =")[2] or done.stdout[-3000:]
    print(told)
    assert done.returncode == 0, done.stdout[-40_000:]


# What a description cannot say is no surprise: that a record is stale (412), what the rules of the
# registry refuse (422), what is gone (410).
SETTINGS = """
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "410", "412", "422", "429"]
negative_data_rejection.expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "412", "415", "422", "428", "429", "5xx"]
missing_required_header.expected-statuses = ["400", "401", "403", "404", "406", "415", "422", "428"]
"""
