"""Applications of every kind, explored read-only: understood, and left as they were."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from foreign import Foreign, applications
from hypothesis import HealthCheck, given, settings
from servers import ValkeyServer
from web_shop import everything

from tui.audit import engine as audit
from tui.cli.main import run

MAY_READ = ("+@read", "+@connection", "+info", "+dbsize", "+scan", "-keys")
OUTCOMES = {
    "same": "HIT", "differs": "HIT", "no-expiry": "HIT", "orphan": "HIT",
    "wrongly-absent": "NEGATIVE", "unreadable": "DB",
}  # fmt: skip
"""What a lookup answers where the audit finds that."""


@pytest.fixture(autouse=True)
def settled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait two seconds for what will not change."""
    monkeypatch.setattr(audit, "SETTLE_SECONDS", 0.01)


@pytest.fixture
def reader(server: ValkeyServer) -> Iterator[str]:
    """The address of the server for a user who cannot write."""
    with server.client() as client:
        client.acl_setuser(
            "stranger", enabled=True, passwords=["+secret"], keys=["*"], commands=MAY_READ
        )
    yield f"redis://stranger:secret@127.0.0.1:{server.port}"
    with server.client() as client:
        client.acl_deluser("stranger")


@given(app=applications())
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
def test_whatever_an_application_does_it_is_understood_and_left_alone(
    server: ValkeyServer, reader: str, capsys: pytest.CaptureFixture[str], app: Foreign
) -> None:
    """Every record's finding and outcome are as they have to be; not a byte has moved."""
    with tempfile.TemporaryDirectory() as folder, server.client() as client:
        path = Path(folder) / "app.db"
        client.flushdb()
        app.make(path, client)

        def state() -> object:
            return path.read_bytes(), sorted(Path(folder).iterdir()), list(everything(client))

        def printed(*arguments: str, code: int) -> list[dict[str, Any]]:
            before = state()
            ended_with = run([arguments[0], "--json", *flags, "--", *arguments[1:]])
            captured = capsys.readouterr()
            assert ended_with == code, captured
            assert state() == before
            return [json.loads(line) for line in captured.out.splitlines()]

        flags = [
            "--db", str(path), "--cache", reader, "--table", app.table,
            "--id-column", app.id_column, "--key", app.template,
        ]  # fmt: skip
        drift = any(finding != "same" for finding in app.findings.values())
        *findings, last = printed("audit", code=int(drift or not app.findings))
        assert {found["id"]: found["finding"] for found in findings} == app.findings
        assert (last["summary"]["complete"], last["summary"]["skipped"]) == (True, 0)
        assert {key["id"] for key in printed("keys", code=0)} == {*app.findings}
        wanted = {id: OUTCOMES[finding] for id, finding in app.findings.items()}
        wanted |= dict.fromkeys(app.uncached, "DB")
        absent = "NEGATIVE" in wanted.values()
        answers = printed("get", *map(str, wanted), code=int(absent))
        assert {answer["id"]: answer["outcome"] for answer in answers} == wanted
