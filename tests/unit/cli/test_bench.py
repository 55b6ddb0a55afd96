"""`hitmiss bench`: what it prints, where it may run, and what it leaves behind."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from benching import Bench, bench, objects
from files import make_file
from servers import ValkeyServer

__all__ = ["bench"]

pytestmark = pytest.mark.slow
COUNTS = [
    "lookups", "hits", "database_reads", "shared", "refreshed", "writes", "outdated", "errors",
]  # fmt: skip


@pytest.mark.parametrize(
    "option", ["--rate", "--jitter", "--zipf", "--hot", "--writes", "--seconds"]
)
def test_nan_is_no_number(bench: Bench, option: str) -> None:
    """Floats have it, and no limit keeps it out."""
    code, _, err = bench(option, "nan", "--yes")
    assert code == 2
    assert "'nan' is not a number" in err


def test_a_load_prints_each_second_and_all_of_it(bench: Bench) -> None:
    """As JSON: a sample a second, and the summary, which has the totals and the controls."""
    code, out, err = bench(
        "--json", "--seconds", "2", "--rate", "50", "--readers", "4", "--keys", "10",
        "--hot", "0.5", "--writes", "0.2", "--ttl", "5", "--latency", "2ms",
    )  # fmt: skip
    first, second, last = objects(out)
    assert (code, err) == (0, "")
    assert list(first) == [
        "end", "seconds", *COUNTS, "hit_ratio", "hit_ms", "db_ms", "behind", "reason",
    ]  # fmt: skip
    summary = last["summary"]
    assert 95 <= summary["lookups"] + summary["writes"] <= 105
    assert summary["lookups"] >= first["lookups"] + second["lookups"]
    assert summary["outdated"] == summary["errors"] == 0
    assert set(summary["hit_ms"]) == {"p50", "p95", "p99", "longest"}
    assert summary["controls"] == {
        "readers": 4, "keys": 10, "popularity": {"kind": "hot", "share": 0.5}, "writes": 0.2,
        "rate": 50.0, "ttl": 5.0, "jitter": 0.1, "early_refresh": True, "usual": False,
        "delay": 0.002,
    }  # fmt: skip


def test_a_load_prints_a_table(bench: Bench) -> None:
    """What runs, a row a second, all of it, and that a local file needs no cache."""
    code, out, _ = bench("load", "--seconds", "1", "--rate", "20", "--uniform")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].startswith("20 readers, 500 keys, uniform, 20 a second, 0% writes")
    assert [line.split()[0] for line in lines[1:5]] == ["a", "lookups", "1", "all"]
    assert "faster" in lines[-1]
    assert len(set(map(len, lines[2:5]))) == 1
    _, out, _ = bench("--seconds", "0.2", "--rate", "20", "--latency", "1ms")
    assert "with 1 ms added by the Lab" in out
    assert "faster" not in out


def test_a_scenario_prints_its_sides_beside_each_other(bench: Bench) -> None:
    """The sentence before, a column a side, the line after."""
    code, out, _ = bench("stampede", "--callers", "40", "--services", "2", "--latency", "0.2")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].startswith("Stampede. 40 callers ask for one record")
    reads = next(line for line in lines if line.startswith("database reads"))
    assert reads.split() == ["database", "reads", "40", "1", "2", "1"]
    assert lines[-1].startswith("40 callers: 40 database reads by the usual pattern, 1 with")


@pytest.mark.parametrize(
    ("arguments", "name", "counts"),
    [
        (["stampede", "--callers", "9", "--latency", "0.2"], "database_reads", [9, 1, 4, 1]),
        (["cliff", "--keys", "50", "--ttl", "0.3"], "database_reads", [50, 50]),
        (["early-refresh", "--lives", "1", "--rate", "50"], "errors", [0, 0]),
        (["stale-write"], "outdated_answers", [10, 0]),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_each_scenario_prints_json(
    arguments: list[str], name: str, counts: list[int], bench: Bench
) -> None:
    """An object a side, with its counts, and the summary with both sentences."""
    code, out, err = bench(*arguments, "--json")
    *sides, last = objects(out)
    assert (code, err) == (0, "")
    assert [side[name] for side in sides] == counts
    assert all(side["scenario"] == arguments[0] for side in sides)
    assert list(last["summary"]) == ["scenario", "before", "after"]


def test_moments_and_curves_are_printed(bench: Bench) -> None:
    """A race step by step, a cliff tenth by tenth."""
    _, out, _ = bench("stale-write")
    assert "5. writer: DEL hitmiss:lab:" in out
    assert "refused, the lease is gone" in out
    _, out, _ = bench("cliff", "--keys", "50", "--ttl", "0.3")
    assert "without jitter, expiries in each tenth of a second: █\n" in out


def test_it_does_not_run_read_only(bench: Bench) -> None:
    """Nor on a table of somebody else's without --writable."""
    for arguments in (["--read-only"], ["stampede", "--table", "users"]):
        code, out, err = bench(*arguments)
        assert (code, out) == (2, "")
        assert "read-only" in err
        assert "--writable" in err


def test_with_a_fault_it_shows_what_that_does(bench: Bench, server: ValkeyServer) -> None:
    """All goes past a cache that is down; it is up again before the keys are deleted."""
    arguments = ("--rate", "50", "--seconds", "1", "--cache", server.url, "--yes")
    code, out, _ = bench(*arguments, "--fault", "cache-down", "--json")
    first, last = objects(out)
    assert (code, first["hits"], last["summary"]["errors"]) == (0, 0, 0)
    assert first["lookups"] > 40
    assert "left alone" in first["reason"] or "cannot reach" in first["reason"]
    code, out, _ = bench("stale-write", "--fault", "cache-refuses-writes")
    assert "On purpose: cache refuses writes." in out
    assert "0 of 10 lookups got the old record by the usual pattern, 0 with" in out
    code, out, err = bench("--fault", "cache-wet")
    assert (code, out) == (2, "")
    assert "cache-wet" in err


def test_without_a_terminal_a_server_needs_a_yes(bench: Bench, server: ValkeyServer) -> None:
    """Nobody can be asked; --yes says that nobody is harmed. No key stays either way."""
    arguments = ("--seconds", "0.2", "--rate", "20", "--cache", server.url)
    code, out, err = bench(*arguments)
    assert (code, out) == (2, "")
    assert "--yes" in err
    assert bench(*arguments, "--yes")[0] == 0
    with server.client() as client:
        assert client.keys() == []


def test_a_cache_that_is_down_is_said_at_the_beginning(bench: Bench) -> None:
    """Exit code 4, before any load."""
    code, out, err = bench("--cache", "redis://127.0.0.1:1", "--yes")
    assert (code, out) == (4, "")
    assert "cannot reach the cache" in err


def test_writes_that_the_table_refuses_end_it(bench: Bench, users_db: Path) -> None:
    """A view is never written, and the reason is told."""
    make_file(users_db, "CREATE VIEW v AS SELECT * FROM users")
    arguments = ("--table", "v", "--id-column", "id", "--writable", "--rate", "50")
    code, _, err = bench(*arguments, "--writes", "1", "--seconds", "30")
    assert code == 2
    assert "is a view" in err


@pytest.mark.parametrize(
    "wrong",
    [
        ["--zipf", "1", "--hot", "0.5"],
        ["--readers", "0"],
        ["--writes", "1.5"],
        ["--latency", "2s"],
        ["--latency", "soon"],
        ["--rate", "0"],
        ["stampede", "--callers", "10001"],
        ["stampede", "--readers", "5"],
        ["thundering"],
    ],
)
def test_wrong_options_are_named(wrong: list[str], bench: Bench) -> None:
    """Exit code 2, one line."""
    code, out, err = bench(*wrong)
    assert (code, out) == (2, "")
    assert err.startswith("hitmiss: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_told_to_end_it_leaves_no_key(
    number: signal.Signals, code: int, users_db: Path, server: ValkeyServer
) -> None:
    """Its copies are deleted before it ends."""
    begin = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from tui.cli.main import main; main()"
    )
    options = ["--cache", server.url, "--yes", "--db", str(users_db), "--json"]
    command = subprocess.Popen(
        [sys.executable, "-c", begin, "bench", "--seconds", "60", "--rate", "200", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert command.stdout is not None
    assert json.loads(command.stdout.readline())["lookups"] > 0
    with server.client() as client:
        assert any(key.startswith(b"hitmiss:lab:") for key in client.scan_iter())
        command.send_signal(number)
        command.communicate(timeout=30)
        assert command.returncode == code
        assert client.keys() == []


def test_a_scenario_that_does_not_exist_is_told_with_those_that_do(bench: Bench) -> None:
    """As somebody sees who has spelt one in a wrong way."""
    _, _, err = bench("stampde")
    assert "no 'stampde'" in err
    assert "cliff, early-refresh, load, stale-write, stampede" in err


def test_the_numbers_of_a_scenario_fit_the_terminal(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is narrow, the columns are."""
    monkeypatch.setenv("COLUMNS", "60")
    lines = {}
    for terminal in (False, True):
        monkeypatch.setattr("sys.stdout.isatty", lambda terminal=terminal: terminal)
        _, out, _ = bench("stampede", "--callers", "4", "--latency", "0")
        lines[terminal] = out.splitlines()[1:-1]
    assert max(map(len, lines[True])) <= 60 < max(map(len, lines[False])) <= 100


def test_help_names_loads_and_scenarios(bench: Bench) -> None:
    """`hitmiss bench --help` lists them all."""
    code, out, _ = bench("--help")
    assert code == 0
    for name in ("load", "stampede", "cliff", "early-refresh", "stale-write"):
        assert f"  {name} " in out


def test_what_was_due_and_never_began_is_told(bench: Bench) -> None:
    """At a rate that one reader cannot keep, the percentiles are not all there is."""
    options = ["--rate", "100", "--readers", "1", "--latency", "300ms", "--seconds", "0.7"]
    _, out, _ = bench(*options, "--ttl", "0.1s", "--no-early-refresh")
    assert "lookups were due and never began: the times above lack them" in out


def test_nobody_has_to_read_all_of_it(users_db: Path) -> None:
    """Whoever takes a line and leaves gets no traceback."""
    command = [sys.executable, "-m", "tui", "bench", "--json", "--seconds", "2.5"]
    with subprocess.Popen(
        [*command, "--db", str(users_db)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 0
