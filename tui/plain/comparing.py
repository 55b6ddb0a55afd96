"""Commands that hold copies against their rows: of one record, and of all."""

from contextlib import aclosing
from typing import Final

from tui.audit.results import Certainty, Judgement
from tui.plain.desk import Desk, ProgressPace
from tui.plain.sayings import told_of_comparison, told_of_finding, told_of_progress

MOST_FINDINGS: Final = 50
"""Of more findings only the number is said; `hitmiss audit` lists all."""


async def compare(desk: Desk, text: str) -> None:
    """Say what a copy is beside its row."""
    id = await desk.lookups.key_for(text) if text else desk.id
    comparison = await desk.compares.compare(id)
    desk.turn_to(id, comparison.database)
    for line in told_of_comparison(comparison, desk.session.lifetimes.grace):
        desk.say(line)


async def audit(desk: Desk, text: str) -> None:
    """Compare every cached copy; say what is found, and how far it has come."""
    pace, findings, end = ProgressPace(desk.clock), 0, "audit ended early"
    try:
        async with aclosing(desk.compares.audit()) as batches:
            async for judgements in batches:
                for judgement in filter(_is_said, judgements):
                    findings += 1
                    if findings <= MOST_FINDINGS:
                        desk.say(_told(judgement))
                if pace.is_due:
                    desk.say(f"audit so far: {told_of_progress(desk.compares.progress)}")
        end = "audit"
    finally:
        if findings > MOST_FINDINGS:
            more = findings - MOST_FINDINGS
            desk.say(f"and {more:,} more findings: hitmiss audit lists all")
        for caveat in desk.compares.progress.caveats:
            desk.say(caveat.words)
        desk.say(f"{end}: {told_of_progress(desk.compares.progress)}")


def _is_said(judgement: Judgement) -> bool:
    """Tell whether it is so for good: neither right, nor perhaps a write under way."""
    return judgement.certainty in {Certainty.CONFIRMED, Certainty.UNSETTLED}


def _told(judgement: Judgement) -> str:
    certainty = judgement.certainty
    return told_of_finding(judgement.comparison, certainty.value if certainty else "")
