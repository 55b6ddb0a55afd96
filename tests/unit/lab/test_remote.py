"""A load or a scenario in a process of its own, as the explorer runs them."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from servers import ValkeyServer

from tui.bootstrap import LABORATORY, options_of, prepare
from tui.config.settings import resolve
from tui.lab.remote import Experiment, OwnProcess
from tui.lab.samples import Controls, Sample
from tui.lab.stampede import Stampede
from tui.runtime.errors import ExperimentFailed

BROKEN = (
    sys.executable,
    "-c",
    "import tui.cli.commands.bench.process as process\n"
    "process.open_lab = lambda *_, **__: 1 / 0\n"
    "process.main()",
)
"""Stumbles when it opens what it works on."""
PACED = Controls(readers=3, keys=10, rate=50.0)


def laboratory(url: str, path: Path, **options: object) -> OwnProcess:
    """Give the laboratory of an explorer on that cache and that file."""
    told = {name.replace("_", "-"): value for name, value in options.items()}
    settings = resolve({"cache": url, "db": str(path), **told}, {}, {}, "no file")
    return OwnProcess(LABORATORY, options_of(prepare(settings)))


async def following(experiment: Experiment, kind: str) -> AsyncIterator[Mapping[str, Any]]:
    """Give the messages of one kind."""
    async for message in experiment.messages():
        if kind in message:
            yield message[kind]


async def test_a_load_follows_its_controls_and_ends_when_told(
    users_db: Path, server: ValkeyServer
) -> None:
    """Samples come by the second; other controls count at once; the total comes last."""
    lab = laboratory(server.url, users_db)
    samples: list[Sample] = []
    async with lab.experiment({"load": PACED.to_json()}) as experiment:
        async for message in experiment.messages():
            if "end" in message:
                total = Sample.from_json(message["end"])
                continue
            samples.append(Sample.from_json(message["sample"]))
            if len(samples) == 1:
                experiment.tell({"controls": Controls(rate=5.0, keys=10).to_json()})
            if len(samples) == 3:
                experiment.stop()
    assert samples[0].counts.lookups > samples[2].counts.lookups > 0
    assert total.counts.lookups >= sum(sample.counts.lookups for sample in samples)
    with server.client() as client:
        assert client.keys() == []


async def test_a_scenario_tells_its_sides_and_its_line(users_db: Path) -> None:
    """With its parameters; on the embedded cache, which each process has one of."""
    what = {"scenario": "stampede", "parameters": {"callers": 30, "delay": 0.2}}
    async with laboratory("embedded", users_db).experiment(what) as experiment:
        messages = [message async for message in experiment.messages()]
    sides = [message["side"]["numbers"]["database_reads"] for message in messages[:-1]]
    assert sides == [30, 1, Stampede().services, 1]
    assert messages[-1]["end"].startswith("30 callers: 30 database reads")


async def test_a_scenario_can_be_stopped(users_db: Path, server: ValkeyServer) -> None:
    """It says so, and leaves no key."""
    what = {"scenario": "cliff", "parameters": {"keys": 100, "ttl": 60.0}}
    async with laboratory(server.url, users_db).experiment(what) as experiment:
        with server.client() as client:
            async with asyncio.timeout(30):
                while len(client.keys()) < 100:
                    await asyncio.sleep(0.01)
        experiment.stop()
        messages = [message async for message in experiment.messages()]
    assert messages == [{"end": "stopped before its end"}]
    with server.client() as client:
        assert client.keys() == []


async def test_left_in_the_midst_it_leaves_no_key(users_db: Path, server: ValkeyServer) -> None:
    """Also when it is cancelled: the process deletes its keys, and is waited for."""
    lab = laboratory(server.url, users_db)

    async def run() -> None:
        async with lab.experiment({"load": PACED.to_json()}) as experiment:
            async for _ in following(experiment, "sample"):
                with server.client() as client:
                    assert client.keys() != []
                    reached.set()

    reached = asyncio.Event()
    task = asyncio.create_task(run())
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with server.client() as client:
        assert client.keys() == []


async def test_faults_are_followed(users_db: Path, server: ValkeyServer) -> None:
    """Those that are on from the beginning, and those that are switched later."""
    what = {"load": PACED.to_json(), "faults": ["cache-down"]}
    samples: list[Sample] = []
    async with laboratory(server.url, users_db).experiment(what) as experiment:
        async for message in experiment.messages():
            if "sample" in message:
                samples.append(Sample.from_json(message["sample"]))
            if len(samples) == 1:
                experiment.tell({"faults": []})
            if samples and samples[-1].counts.hits and "sample" in message:
                experiment.stop()
    assert samples[0].counts.hits == 0
    assert samples[0].reason is not None
    with server.client() as client:
        assert client.keys() == []


async def test_a_fault_of_its_own_is_told(users_db: Path) -> None:
    """In a line that is safe to show, and it ends with 70."""
    lab = OwnProcess(BROKEN, options_of(prepare(resolve({"db": str(users_db)}, {}, {}, ""))))
    told = "^this is a fault of hitmiss: ZeroDivisionError: division by zero$"
    with pytest.raises(ExperimentFailed, match=told):
        async with lab.experiment({"load": PACED.to_json()}) as experiment:
            _ = [message async for message in experiment.messages()]


def test_a_fault_of_its_own_has_a_code_of_its_own() -> None:
    """It ends with 70, with the traceback for those who start it by hand."""
    ran = subprocess.run(BROKEN, input=b'{"options": 1}\n', capture_output=True, check=False)
    assert ran.returncode == 70
    assert b'{"failed": "this is a fault of hitmiss: ' in ran.stdout
    assert b"Traceback" in ran.stderr


async def test_a_cache_that_is_down_is_told(users_db: Path) -> None:
    """As the sentence that it is everywhere."""
    lab = laboratory("redis://127.0.0.1:1", users_db)
    with pytest.raises(ExperimentFailed, match="cannot reach the cache"):
        async with lab.experiment({"load": PACED.to_json()}) as experiment:
            _ = [message async for message in experiment.messages()]


async def test_controls_that_cannot_be_followed_are_told(tmp_path: Path) -> None:
    """The database is gone: the load goes on as it was."""
    from tui.database.sqlite.demo import make_demo

    path = tmp_path / "users.db"
    make_demo(path)
    problems: list[str] = []
    async with laboratory("embedded", path).experiment({"load": PACED.to_json()}) as experiment:
        async for message in experiment.messages():
            if "sample" in message and not problems:
                path.write_bytes(b"no database any more" * 1000)
                experiment.tell({"controls": Controls(keys=20_000).to_json()})
            if "problem" in message:
                problems.append(message["problem"])
                experiment.stop()
    assert len(problems) == 1


async def test_a_process_that_dies_is_a_failure(users_db: Path) -> None:
    """Nobody waits for it for ever."""
    shell = OwnProcess([sys.executable, "-c", "print('{\"sample\": 1}', flush=True)"], {})
    with pytest.raises(ExperimentFailed, match="before its time"):
        async with shell.experiment({}) as experiment:
            _ = [message async for message in experiment.messages()]


async def test_without_a_program_there_is_no_experiment() -> None:
    """An error of ours, not of the system's."""
    with pytest.raises(ExperimentFailed, match="no process can be started"):
        async with OwnProcess(["/nowhere/at/all"], {}).experiment({}):
            raise AssertionError("it was started")


async def test_a_password_is_on_nobody_elses_screen(users_db: Path) -> None:
    """It is told through the pipe, so the process list does not show it."""
    lab = laboratory("redis://:secret-word@127.0.0.1:1", users_db)
    assert not any("secret-word" in part for part in lab._command)
    assert any("secret-word" in str(value) for value in lab._options.values())


async def test_an_explorer_that_is_killed_leaves_no_key(
    users_db: Path, server: ValkeyServer
) -> None:
    """The end of its pipe is enough for the process to delete its keys."""
    script = (
        "import asyncio, sys; from pathlib import Path; sys.path.insert(0, sys.argv[3]);"
        "import test_remote as t\n"
        "async def main():\n"
        "    lab = t.laboratory(sys.argv[1], Path(sys.argv[2]))\n"
        "    async with lab.experiment({'load': t.PACED.to_json()}) as experiment:\n"
        "        async for _ in experiment.messages():\n"
        "            print('sample', flush=True)\n"
        "asyncio.run(main())"
    )
    here = Path(__file__).parent
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, server.url, str(users_db), str(here),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": f"{here.parents[1] / 'support'}:{here.parents[2]}"},
    )  # fmt: skip
    assert process.stdout is not None
    assert await process.stdout.readline() == b"sample\n"
    process.send_signal(signal.SIGKILL)
    await process.wait()
    with server.client() as client:
        async with asyncio.timeout(30):
            while client.keys():  # until the process that it started has ended
                await asyncio.sleep(0)
