"""What is in force here, what works and what does not: checks that change nothing."""

from tui.diagnosis.check import Check, State, counted
from tui.diagnosis.diagnose import diagnose

__all__ = ["Check", "State", "counted", "diagnose"]
