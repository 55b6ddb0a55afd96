"""What is said of answers, copies and findings: each in a line that reads well aloud."""

from collections.abc import Iterator, Mapping

from tui.audit.comparison import Comparison, Finding
from tui.audit.results import Progress
from tui.lab.samples import Sample
from tui.lab.scenario import Side
from tui.models import FROM_CACHE, Outcome, Record, SearchResult, Step, Target
from tui.models.inventory import CopyState, Entry, Totals
from tui.models.scalars import as_text
from tui.models.sentences import counted
from tui.runtime.plain_text import plain
from tui.views.widgets.quantities import byte_count, duration, percent

KEY_CHARACTERS, NAME_CHARACTERS, VALUE_CHARACTERS, SHORT_CHARACTERS = 60, 80, 500, 100
"""How much is said of a key, a record's name, a value, and a value among others."""
UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def told_of_time(seconds: float) -> str:
    """Return a time in whole seconds, begun ones counted: `29 s`, `4 min 59 s`, `1 h 2 min`."""
    left = max(0, -int(-seconds // 1))
    parts = []
    for size, unit in UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


def key_of(id: object) -> str:
    """Return a key as it is said."""
    return plain(str(id), KEY_CHARACTERS)


def told_of_answer(outcome: Outcome, label_column: str) -> str:
    """Return an answer: key, word, name, time, how long the copy stays, and the reason."""
    parts = [f"{key_of(outcome.id)}: {outcome.label}"]
    name = (outcome.record or {}).get(label_column)
    if name is not None and name != outcome.id:
        parts.append(plain(as_text(name), NAME_CHARACTERS))
    parts.append(duration(outcome.seconds))
    if outcome.ttl_left is not None:
        parts.append(f"fresh for {told_of_time(outcome.ttl_left)}")
    elif outcome.label in FROM_CACHE:
        parts.append("never expires")
    reason = "" if outcome.reason is None else f"; {plain(outcome.reason, VALUE_CHARACTERS)}"
    return ", ".join(parts) + reason


def told_of_record(record: Record) -> Iterator[str]:
    """Yield a record, a column a line."""
    for column, value in record.items():
        yield f"{plain(column, 40)}: {plain(as_text(value), VALUE_CHARACTERS)}"


def told_of_step(step: Step) -> str:
    """Return one command that ran: where, how long, what, and what came back."""
    along = "same trip" if step.target is Target.CACHE else ""
    took = duration(step.seconds) if step.seconds else along
    where = f"{step.target.value} {took}".rstrip()
    command, result = plain(step.command, VALUE_CHARACTERS), plain(step.result, 200)
    return f"{where}: {command} {'failed' if step.failed else 'gave'}: {result}"


def told_of_matches(result: SearchResult) -> Iterator[str]:
    """Yield what a search found, a record a line, and what it did not look at."""
    for match in result.matches:
        words = ", ".join(plain(text, NAME_CHARACTERS) for text in match.texts if text)
        yield f"{key_of(match.id)}: {words}"
    if result.more:
        yield f"more than {len(result.matches)} match: type more of the name"
    if result.advice:
        yield f"all was searched {result.advice}" if result.complete else result.advice


def told_of_comparison(comparison: Comparison, grace: float) -> Iterator[str]:
    """Yield what a copy is beside its row, and each column that is not the same."""
    yield f"{key_of(comparison.id)}: {_verdict(comparison)}{_life(comparison, grace)}"
    if comparison.reason is not None:
        yield plain(comparison.reason, VALUE_CHARACTERS)
    cached, row = comparison.cached or {}, comparison.database or {}
    for name in comparison.differs:
        yield f"{plain(name, 40)}: cached {_value(cached, name)}, database {_value(row, name)}"
    for name in comparison.not_compared:
        yield f"{plain(name, 40)}: cannot be compared, cached {_value(cached, name)}"
    for name in comparison.cache_only:
        yield f"{plain(name, 40)}: only cached, {_value(cached, name)}"
    for name in comparison.database_only:
        yield f"{plain(name, 40)}: only in the database, {_value(row, name)}"


def told_of_finding(comparison: Comparison, certainty: str) -> str:
    """Return one finding of an audit: key, what it is, which columns, how sure."""
    finding = "" if comparison.finding is None else comparison.finding.value
    columns = ", ".join(plain(name, 40) for name in comparison.differs)
    reason = "" if comparison.reason is None else f"; {plain(comparison.reason, 200)}"
    of = f" in {columns}" if columns else ""
    return f"{key_of(comparison.id)}: {finding}{of}, {certainty}{reason}"


def told_of_progress(progress: Progress) -> str:
    """Return how far an audit is, or has come."""
    counts = {
        "compared": progress.compared,
        "confirmed": progress.confirmed,
        "suspect": progress.suspects,
        "not compared": progress.counts[Finding.NOT_COMPARED],
        "resolved": progress.resolved,
        "unsettled": progress.unsettled,
        "no record's key": progress.skipped,
        "several rows": progress.doubled,
    }
    told = {"compared", "confirmed"}
    return ", ".join(f"{n:,} {word}" for word, n in counts.items() if n or word in told)


def told_of_entry(entry: Entry, now: float) -> str:
    """Return one cached copy: key, what it is good for and how long, size, format."""
    state = entry.state(now)
    if state is CopyState.FRESH:
        life = f"fresh for {told_of_time(entry.fresh_until - now)}"
    elif state is CopyState.GRACE:
        life = f"in grace, gone in {told_of_time(entry.gone_at - now)}"
    else:
        life = "never expires" if state is CopyState.NO_EXPIRY else entry.note or "expired"
    parts = [f"{key_of(entry.id)}: {life}"]
    if entry.known_absent:
        parts.append("says that there is no such record")
    if entry.size is not None:
        size = byte_count(entry.size)
        parts.append(f"{size} bytes" if size.isdigit() else size)
    if entry.format is not None:
        parts.append(entry.format)
    return ", ".join(parts)


def told_of_totals(totals: Totals) -> str:
    """Return how many copies there are, and of which kinds."""
    counts = {
        "fresh": totals.fresh,
        "in grace": totals.grace,
        "without expiry": totals.no_expiry,
        "known to be absent": totals.known_absent,
    }
    kinds = [f"{count:,} {word}" for word, count in counts.items() if count]
    return ", ".join([counted(totals.keys, "copy"), *kinds])


def told_of_sample(sample: Sample) -> str:
    """Return what a load did: how much a second, from where, how long it took."""
    counts = sample.counts
    parts = [
        f"{sample.a_second(counts.lookups):,.0f} lookups a second",
        f"hit ratio {percent(sample.hit_ratio)}" if counts.lookups else "no lookups",
        f"{sample.a_second(counts.database_reads):,.1f} database reads a second",
    ]
    if sample.db is not None:
        parts.append(f"database answers {duration(sample.db.p50)} p50")
    if counts.errors:
        parts.append(f"{counts.errors:,} errors")
    if counts.outdated:
        parts.append(f"{counts.outdated:,} outdated answers")
    reason = "" if sample.reason is None else f"; {sample.reason}"
    return ", ".join(parts) + reason


def told_of_side(side: Side) -> Iterator[str]:
    """Yield what was seen of one way to run a scenario: its numbers, then its moments."""
    yield f"{side.name}: {', '.join(_numbers(side.numbers))}"
    yield from side.moments


def _numbers(numbers: Mapping[str, int | float]) -> Iterator[str]:
    for name, number in numbers.items():
        if name.endswith("_ms"):
            words = name.removesuffix("_ms").replace("_", " ")
            yield f"{words} {duration(number / 1000)}"
        else:
            shown = f"{number:,}" if isinstance(number, int) else f"{number:,.2f}"
            yield f"{name.replace('_', ' ')} {shown}"


def _verdict(comparison: Comparison) -> str:
    finding = comparison.finding
    return comparison.meaning if finding is None else f"{finding.value}, {comparison.meaning}"


def _life(comparison: Comparison, grace: float) -> str:
    if comparison.finding is None:
        return ""
    if comparison.seconds_left is None:
        return ", never expires"
    fresh = comparison.seconds_left - (0.0 if comparison.known_absent else grace)
    return f", fresh for {told_of_time(fresh)}" if fresh > 0 else ", past its ttl"


def _value(record: Record, name: str) -> str:
    return plain(as_text(record[name]), SHORT_CHARACTERS) if name in record else "nothing"
