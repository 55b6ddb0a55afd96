"""What `hitmiss bench` prints of a load for a person: a row a second, and all of it."""

from collections.abc import Callable
from typing import TypeAlias

from tui.bootstrap import Plan
from tui.lab.latencies import Percentiles
from tui.lab.samples import FASTER, Controls, Sample
from tui.lab.side_by_side import digits
from tui.runtime.faults import Faults
from tui.runtime.plain_text import plain

Print: TypeAlias = Callable[[str], None]
NUMBER, TIME = 7, 6
"""The cells of a number, and of a time."""


def introduce(plan: Plan, controls: Controls, faults: Faults, print_line: Print) -> None:
    """Say what will be run, on what."""
    rate = "as fast as possible" if controls.rate is None else f"{controls.rate:g} a second"
    parts = [
        f"{controls.readers:,} readers",
        f"{controls.keys:,} keys",
        str(controls.popularity),
        rate,
        f"{controls.writes:.0%} writes",
        f"ttl {controls.ttl:g} s",
        "usual pattern" if controls.usual else "single-flight and lease",
        f"cache {plan.cache_name}",
        f"database {plain(plan.database_name)}",
    ]
    if controls.delay:
        parts.append(f"with {controls.delay * 1000:g} ms added by the Lab")
    print_line(", ".join(parts))
    if faults.on:
        print_line(f"on purpose: {', '.join(map(faults.describe, faults.on))}")


class LoadTable:
    """A row for each second of a load."""

    def __init__(self, controls: Controls, print_line: Print) -> None:
        """Print the rows by `print_line`; without writes some columns are left out."""
        self._controls = controls
        self._print = print_line
        self._begun = False

    def show(self, sample: Sample) -> None:
        """Print the row of that second, and the heading before the first."""
        if not self._begun:
            self._begun = True
            for line in heading(self._controls):
                self._print(line)
        self._print(row(f"{sample.end:.0f} s", sample, self._controls))


def conclude(total: Sample, controls: Controls, print_line: Print) -> None:
    """Print what there was in all, and what to keep in mind."""
    print_line(row("all", total, controls))
    counts = total.counts
    extra = [f"{counts.lookups:,} lookups", f"{counts.database_reads:,} database reads"]
    extra += [f"{counts.shared:,} answers shared", f"{counts.refreshed:,} refreshed early"]
    if controls.writes:
        extra.append(f"{counts.writes:,} writes, {counts.outdated:,} outdated answers")
    print_line(", ".join(extra))
    if controls.rate is not None and (missed := round(total.behind * controls.rate)):
        print_line(f"{missed:,} lookups were due and never began: the times above lack them")
    if not controls.delay:
        print_line(FASTER)


def heading(controls: Controls) -> list[str]:
    """Give the two lines above the rows."""
    names = ["a second:", "", "", *([""] if controls.writes else [])]
    first = [f"{names[0]:>{6 + NUMBER * 2}}", " " * NUMBER * (len(names) - 2)]
    columns = ["lookups", "hits", "reads", *(["writes"] if controls.writes else [])]
    second = [" " * 6, *(f"{name:>{NUMBER}} " for name in columns)]
    for name in ("hit ms", "db ms"):
        first.append(f"  {name:^{TIME * 3}}")
        second.append("  " + "".join(f"{p:>{TIME}}" for p in ("p50", "p95", "p99")))
    last = (["outdated"] if controls.writes else []) + ["errors"]
    second += [f"  {name}" for name in last]
    return ["".join(first).rstrip(), "".join(second)]


def row(name: str, sample: Sample, controls: Controls) -> str:
    """Give one row: rates, share of hits, and percentiles in milliseconds."""
    counts = sample.counts
    ratio = "–" if sample.hit_ratio is None else f"{sample.hit_ratio:.1%}"
    cells = [
        _rate(sample, counts.lookups),
        ratio,
        _rate(sample, counts.database_reads),
        *([_rate(sample, counts.writes)] if controls.writes else []),
    ]
    parts = [f"{name:>5} ", *(f"{cell:>{NUMBER}} " for cell in cells)]
    parts += [f"  {_times(times)}" for times in (sample.hit, sample.db)]
    if controls.writes:
        parts.append(f"  {counts.outdated:>8,}")
    parts.append(f"  {counts.errors:>6,}")
    if sample.behind >= 1:
        parts.append(f"  {sample.behind:.1f} s behind")
    if sample.reason is not None:
        parts.append(f"  {plain(sample.reason, 60)}")
    return "".join(parts)


def _rate(sample: Sample, count: int) -> str:
    return f"{sample.a_second(count):,.0f}"


def _times(times: Percentiles | None) -> str:
    if times is None:
        return f"{'–':>{TIME}}" * 3
    each = (times.p50, times.p95, times.p99)
    return "".join(f"{digits(seconds * 1000):>{TIME}}" for seconds in each)
