"""A stylesheet that parses nothing twice."""

from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

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

    def reparse(self) -> None:
        """Parse what is new."""
        self.parse()
