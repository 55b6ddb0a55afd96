"""`hitmiss bench --fault`: the same load while something goes wrong on purpose."""

import pytest
from benching import Bench, bench, objects
from servers import ValkeyServer

__all__ = ["bench"]

pytestmark = pytest.mark.slow
LOAD = ("--json", "--seconds", "0.5", "--rate", "40", "--readers", "2", "--keys", "5",
        "--ttl", "60", "--writes", "0.2")  # fmt: skip


def test_without_the_cache_all_is_read_from_the_database(
    bench: Bench, server: ValkeyServer
) -> None:
    """With cache-down nothing is a hit, everything is answered, and no key is left behind."""
    code, out, err = bench(*LOAD, "--fault", "cache-down", "--cache", server.url, "--yes")
    summary = objects(out)[-1]["summary"]
    assert (code, err) == (0, "")
    assert summary["lookups"] > 0
    assert (summary["hits"], summary["errors"], summary["outdated"]) == (0, 0, 0)
    assert summary["database_reads"] > 0
    with server.client() as client:
        assert client.keys("hitmiss:lab:*") == []


def test_a_cache_that_refuses_writes_never_gets_warm(
    bench: Bench, server: ValkeyServer
) -> None:
    """Reads go through it, fills do not; when the fault ends, so do the keys."""
    code, out, _ = bench(
        *LOAD, "--fault", "cache-refuses-writes", "--cache", server.url, "--yes"
    )
    summary = objects(out)[-1]["summary"]
    assert (code, summary["hits"], summary["errors"], summary["outdated"]) == (0, 0, 0, 0)
    with server.client() as client:
        assert client.keys("hitmiss:lab:*") == []


def test_a_fault_is_said(bench: Bench) -> None:
    """Nobody is to take its figures for the real thing."""
    code, out, _ = bench("--seconds", "0.1", "--fault", "database-slow=5ms")
    assert code == 0
    assert "on purpose: database slow +5 ms" in out.splitlines()


def test_no_such_fault(bench: Bench) -> None:
    """It is an error that lists those there are."""
    code, out, err = bench(*LOAD, "--fault", "cache-gone")
    assert (code, out) == (2, "")
    assert "'cache-gone' is no fault; there are cache-down, cache-slow" in err


def test_a_database_that_is_down_can_be_tried_too(bench: Bench) -> None:
    """What the load needs to begin is read before; then all of it are errors."""
    code, out, err = bench(*LOAD, "--fault", "database-down")
    summary = objects(out)[-1]["summary"]
    assert (code, err, summary["hits"]) == (1, "", 0)
    assert summary["errors"] > 0
