"""Runs the parts of the soak one after the other, and says what they have found.

    make soak [SOAK='--minutes 10 --seed 7 --only terminal']

A part is a module here with `run(seconds: float, seed: int) -> list[str]`, which prints its
figures and returns its findings: a traceback, a wrong exit code, a leak, a program that does
not answer afterwards. Exits with 1 when there is one.
"""

import argparse
import random
import sys
import time
from importlib import import_module
from importlib.util import find_spec

PARTS = {"terminal": 4, "servers": 3, "connections": 3}
"""What is run, and its share of the time."""


def main() -> int:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(prog="soak", description="Run hitmiss against anything.")
    parser.add_argument("--minutes", type=float, default=10.0, help="how long all may take")
    parser.add_argument("--seed", type=int, help="draw what was drawn with this seed")
    parser.add_argument("--only", choices=PARTS, action="append", help="one part; repeatable")
    told = parser.parse_args()
    seed = random.randrange(1 << 32) if told.seed is None else told.seed
    parts = [name for name in told.only or PARTS if find_spec(f"soak.{name}") is not None]
    if missing := set(told.only or ()) - set(parts):
        parser.error(f"there is no part {', '.join(sorted(missing))} yet")
    print(f"seed {seed}", flush=True)
    findings = []
    share = told.minutes * 60 / sum(PARTS[name] for name in parts)
    for name in parts:
        begun = time.monotonic()
        print(f"{name}:", flush=True)
        found = import_module(f"soak.{name}").run(share * PARTS[name], seed)
        findings += [f"{name}: {finding}" for finding in found]
        print(f"  {len(found)} findings in {time.monotonic() - begun:.0f} s", flush=True)
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
