"""What is in force here, what works and what does not: checks that change nothing."""

from tui.doctor.check import Check, State, counted
from tui.doctor.diagnose import diagnose

__all__ = ["Check", "State", "counted", "diagnose"]
