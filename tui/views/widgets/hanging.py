"""Text beside a name: what does not fit into its line goes on under itself."""

from textual.content import Content

LEAST_CELLS = 8
"""In less room than this the text begins under its name."""


def hanging(name: Content, text: Content, width: int) -> Content:
    """Give `text` behind `name` in lines of `width` cells, all of them under the first."""
    indent = name.cell_length
    if indent + text.cell_length <= width:
        return name + text
    if width - indent < LEAST_CELLS:
        return Content("\n").join([name, *text.wrap(max(1, width))])
    first, *others = text.wrap(width - indent)
    return Content("\n").join([name + first, *(other.pad_left(indent) for other in others)])
