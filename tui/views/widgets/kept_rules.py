"""A stylesheet that parses nothing twice."""

from dataclasses import replace

from textual.cache import LRUCache
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation

MOST_SOURCES = 1000
"""How many sources are kept, each a widget's or a screen's; Textual's 64 are soon too few."""


class KeptRules(Stylesheet):
    """Textual's, which begins anew with all sources for every screen; most of a start is that.

    What was parsed is kept while the theme's variables are the same.
    """

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        """Begin with these variables, and no rules."""
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(MOST_SOURCES)

    def set_variables(self, variables: dict[str, str]) -> None:
        """Set the theme's variables, and forget what was parsed with others."""
        if variables != self._variables:
            super().set_variables(variables)

    def _parse_rules(
        self,
        css: str,
        read_from: CSSLocation,
        is_default_rules: bool = False,
        tie_breaker: int = 0,
        scope: str = "",
    ) -> list[RuleSet]:
        """Parse what is new.

        How far up a widget's ancestry a source stands breaks ties, and is another number for
        each kind of widget: a factor, which stays out of what is parsed.
        """
        kept = (css, read_from, is_default_rules, tie_breaker, scope)
        if kept not in self._parse_cache:
            parsed = super()._parse_rules(css, read_from, is_default_rules, 1, scope)
            self._parse_cache[kept] = [
                replace(rules, tie_breaker=rules.tie_breaker * tie_breaker) for rules in parsed
            ]
        return self._parse_cache[kept]

    def reparse(self) -> None:
        """Parse what is new."""
        self.parse()
