"""What `hitmiss audit` prints: findings, the summary, and how far it is."""

import sys
from collections.abc import Iterable

from tui.audit.comparison import Comparison, Finding
from tui.audit.results import Certainty, Judgement, Progress
from tui.audit.sampling import bounds
from tui.bootstrap import Plan
from tui.cli.commands.cached import nothing_cached, skipped
from tui.cli.commands.healing import Healed
from tui.cli.commands.output import (
    coloured,
    fitted,
    print_json,
    print_line,
    print_lines,
    say,
)
from tui.models.scalars import as_text
from tui.runtime.notices import write
from tui.runtime.plain_text import plain


def nothing_compared(plan: Plan, progress: Progress) -> str:
    """Say that no copy was compared, and what to do about it."""
    if progress.skipped or progress.doubled or progress.not_compared:
        return (
            "no copy was compared: see above what the keys hold that fit the template; --key,"
            " --id-pattern and --id-column decide which do (--allow-empty takes it for fine)"
        )
    return f"{nothing_cached(plan)} (--allow-empty takes it for fine)"


def _told_of_all(progress: Progress) -> str:
    """Say what a sample tells of all copies."""
    found, count = progress.confirmed, progress.compared
    drawn = f"{count:,} of {progress.population or 0:,} copies were drawn at random"
    if count >= (progress.population or 0):
        return f"all {count:,} copies were compared"
    low, high = bounds(found, count)
    if not found:
        return f"{drawn}; 0 of {count:,} wrong: below {_percent(high)} with 95 % confidence"
    return (
        f"{drawn}; {found:,} of {count:,} wrong: {_percent(low)} to {_percent(high)} with 95 %"
        " confidence"
    )


def _percent(share: float) -> str:
    percent = 100 * share
    return f"{percent:.{2 if percent < 1 else 1}f} %"


def print_summary(
    plan: Plan, progress: Progress, *, failure: str | None = None, healed: Healed | None = None
) -> None:
    """Print what was found in all; `failure` is why it ended too early."""
    if plan.settings.json:
        summary = progress.to_json(failure)
        if healed is not None:
            summary["summary"]["healed"] = healed.forgotten
        print_json(summary)
    else:
        print_lines(_told_together(f"{'not all, ' if failure else ''}{_summary(progress)}"))
        if progress.population is not None and progress.compared:
            print_lines(_told_together(_told_of_all(progress)))
        if healed is not None:
            left = f", {healed.left:,} left" if healed.left else ""
            print_line(f"{healed.forgotten:,} forgotten{left}")
        for caveat in progress.caveats:
            say(f"{caveat.name}: {plain(caveat.words, 300)}")
        if progress.skipped:
            say(skipped(plan, progress.skipped))
        _say_what_was_left_out(progress)
        for key, reason in progress.not_compared.items():
            say(f"not compared: {plain(key, 60)}: {plain(reason, 200)}")
        more = progress.counts[Finding.NOT_COMPARED] - len(progress.not_compared)
        if more > 0:
            say(f"and {more:,} more were not compared")


def _say_what_was_left_out(progress: Progress) -> None:
    for names, what in (
        (progress.left_out, "columns that could not be compared everywhere"),
        (progress.strangers, "fields that stand for no column"),
    ):
        if names:
            shown = ", ".join(f"{plain(name, 40)} ({n:,})" for name, n in names.items())
            say(f"{what}, and in how many copies: {shown}")


def print_judgements(plan: Plan, judgements: Iterable[Judgement], *, drift_only: bool) -> None:
    """Print what is settled of these."""
    quiet = drift_only or not plan.settings.json
    for judgement in judgements:
        comparison, certainty = judgement.comparison, judgement.certainty
        if certainty is None and quiet:
            continue
        if certainty in {Certainty.SUSPECT, Certainty.UNSETTLED} or comparison.finding is None:
            continue
        if not plan.settings.json:
            if certainty is Certainty.CONFIRMED:
                tell(None)
                print_lines(_lines(comparison))
        elif not (drift_only and certainty is not Certainty.CONFIRMED):
            print_json(comparison.to_json())


def _lines(comparison: Comparison) -> list[str]:
    finding = "" if comparison.finding is None else comparison.finding.value
    mild = comparison.finding in {Finding.NO_EXPIRY, Finding.NOT_COMPARED}
    what = [
        f"{plain(name, 40)}: cached {_value(comparison, name, cached=True)},"
        f" stored {_value(comparison, name, cached=False)}"
        for name in comparison.differs
    ]
    word = coloured(f"{finding:14}", "warning" if mild else "error")
    head = f"{plain(comparison.key, 60):40}  {word}  "
    return fitted(head, what or [plain(comparison.reason or "", 200)])


def _value(comparison: Comparison, name: str, *, cached: bool) -> str:
    record = comparison.cached if cached else comparison.database
    value = (record or {}).get(name)
    if value is None or isinstance(value, float | int):
        return as_text(value)
    return f"'{plain(str(value), 60)}'"


def _told_together(sentence: str) -> list[str]:
    """Return a sentence, on a narrow terminal in several lines."""
    head, _, rest = sentence.partition(": ")
    return fitted(f"{head}: " if rest else "", [rest or head])


def _summary(progress: Progress) -> str:
    counts = [
        f"{progress.counts[finding]:,} {finding.value}"
        for finding in Finding
        if progress.counts[finding] or finding is Finding.SAME
    ]
    settled = [
        f"{count:,} {what}"
        for count, what in (
            (progress.resolved, "resolved by themselves"),
            (progress.unsettled, "being written all along"),
            (progress.suspects, "not looked at again"),
            (progress.doubled, "passed over, since several rows have their key"),
        )
        if count
    ]
    return f"{progress.compared:,} compared: {', '.join(counts + settled)}"


def tell(progress: Progress | None) -> None:
    """Show a person how far the audit is, in a line that is overwritten; None clears it."""
    if sys.stderr is None or not sys.stderr.isatty():
        return
    said = ""
    if progress is not None:
        share = "" if progress.share is None else f"{progress.share:.0%}, "
        said = (
            f"{share}{progress.compared:,} compared, {progress.confirmed:,} confirmed,"
            f" {progress.suspects:,} to be looked at again"
        )
    write(f"\r\x1b[K{said}")
