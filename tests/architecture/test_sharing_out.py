"""Where several processes share the tests, those of a file go to one: what a file makes once is made once."""

import os

import pytest


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="one process runs all tests")
def test_what_shares_the_tests_out_knows_their_groups(request: pytest.FixtureRequest) -> None:
    file = request.node.nodeid.partition("::")[0]
    assert request.node.nodeid.endswith(f"@{file}")
