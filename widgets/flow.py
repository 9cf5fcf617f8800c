"""Text as runs with roles, and how it flows into lines of a given width.

A *run* is a piece of text with a role (`"muted"`, `"title"`; the component classes of
`TextPanel`); a *line* is a tuple of runs. Nothing here is ever parsed as markup. Text that
comes from a file has to go through `safe_text` before it becomes a run.

Widths are terminal cells. A no-break space (U+00A0) keeps words together and is drawn as a
space.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

Run = tuple[str, str]
"""Text and its role; the role ``""`` is plain text."""
Line = tuple[Run, ...]

BLANK: Line = ()
GLUE = "\u00a0"
"""A space at which no line is broken."""


def cells(line: Iterable[Run]) -> int:
    """Return how many cells a line takes."""
    return sum(cell_len(text) for text, _ in line)


def plain(line: Iterable[Run]) -> str:
    """Return a line's text without roles."""
    return "".join(text for text, _ in line)


def glue(text: str) -> str:
    """Return the text as one word, at which no line is broken."""
    return text.replace(" ", GLUE)


def pad(text: str, width: int, right: bool = False) -> str:
    """Fill text up to `width` cells, on its left if it shall stand on the right."""
    space = " " * max(0, width - cell_len(text))
    return space + text if right else text + space


def cut(text: str, width: int) -> str:
    """Shorten text to `width` cells; what was cut shows as ``…``."""
    if cell_len(text) <= width:
        return text
    if width <= 0:
        return ""
    kept = 0
    for i, character in enumerate(text):
        kept += cell_len(character)
        if kept > width - 1:
            return text[:i] + "…"
    return text


def cut_middle(text: str, width: int) -> str:
    """Shorten text to `width` cells and keep its end, which for file names tells most."""
    if cell_len(text) <= width or width < 8:
        return cut(text, width)
    head = cut(text, (width + 1) // 2)
    room, start = width - cell_len(head), len(text)
    while start > 0 and cell_len(text[start - 1 :]) <= room:
        start -= 1
    return head + text[start:]


def flow(runs: Iterable[Run], width: int, *, first: Line = (), hang: int = 0) -> list[Line]:
    """Break runs into lines of at most `width` cells, at spaces where possible.

    `first` begins the first line, `hang` spaces begin every further one. A word that is wider
    than a whole line is broken where the line ends.
    """
    hang = min(hang, max(0, width - 8))
    lines: list[list[Run]] = [list(first)]
    column = start = cells(first)
    for gap, word in _words(runs):
        size = cells(word)
        if column > start and column + gap + size > width:
            lines.append([(" " * hang, "")] if hang else [])
            column = start = hang
            gap = 0
        if gap and column > start:
            lines[-1].append((" " * gap, word[0][1]))
            column += gap
        if column + size > width:
            column = _fold(lines, word, column, width, hang)
        else:
            lines[-1].extend(word)
            column += size
    return [_tidy(line) for line in lines]


def labelled(
    rows: Sequence[tuple[Run, Sequence[Run]]], width: int, *, indent: int = 0
) -> list[Line]:
    """Lay out labels with values, the values aligned in a column of their own.

    Labels longer than half the width (or 26 cells) do not count for that column: their values
    follow at once, or stand below, so that one long label does not push all values away.
    """
    most = min(26, (width - indent) // 2)
    column = max((n for (label, _), _ in rows if (n := cell_len(label)) <= most), default=0)
    lines: list[Line] = []
    for (label, role), value in rows:
        hang = indent + column + 2
        head = " " * indent + pad(label, column) + "  "
        if cell_len(label) <= column or cells(((head, ""), *value)) <= width:
            first: Line = ((head, role),)
        else:
            lines.extend(flow([(label, role)], width, first=_space(indent), hang=indent + 2))
            first = _space(hang)
        lines.extend(flow(value, width, first=first, hang=hang))
    return lines


def _space(count: int) -> Line:
    return ((" " * count, ""),) if count else ()


def _words(runs: Iterable[Run]) -> Iterable[tuple[int, list[Run]]]:
    """Yield each word, which may span runs, with the number of spaces before it."""
    gap = 0
    word: list[Run] = []
    for text, role in runs:
        for i, piece in enumerate(text.split(" ")):
            if i:
                if word:
                    yield gap, word
                    gap, word = 0, []
                gap += 1
            if piece:
                word.append((piece, role))
    if word:
        yield gap, word


def _fold(lines: list[list[Run]], word: list[Run], column: int, width: int, hang: int) -> int:
    """Break a word that is wider than a line; return the column after it."""
    for text, role in word:
        begin = 0
        for i, character in enumerate(text):
            size = cell_len(character)
            if column + size > width and column > hang:
                end = _joint(text, begin, i)
                if hang + cell_len(text[end:i]) + size > width:
                    end = i
                lines[-1].append((text[begin:end], role))
                lines.append([(" " * hang, "")] if hang else [])
                begin, column = end, hang + cell_len(text[end:i])
            column += size
        lines[-1].append((text[begin:], role))
    return column


def _joint(text: str, begin: int, end: int) -> int:
    """Return where to break a long name: after its last ``_``, ``/``, ``.``, ``,`` or here."""
    for i in range(end, max(begin, end - 16), -1):
        if text[i - 1] in "_/.,":
            return i
    return end


def _tidy(line: list[Run]) -> Line:
    """Join neighbours of one role, drop empty runs, turn no-break spaces into spaces."""
    tidy: list[Run] = []
    for text, role in line:
        if not text:
            continue
        text = text.replace(GLUE, " ")
        if tidy and tidy[-1][1] == role:
            tidy[-1] = (tidy[-1][0] + text, role)
        else:
            tidy.append((text, role))
    return tuple(tidy)


def heading(title: str, width: int, note: Sequence[Run] = ()) -> list[Line]:
    """Return a section's heading: a blank line, the title, a rule, and a note on the right.

    Where title and note do not fit on one line, the note goes below.
    """
    side = cells(note)
    rule = width - cell_len(title) - 1 - (side + 1 if side else 0)
    if rule < 2 and side:
        return [*heading(title, width), *flow(note, width)]
    if cell_len(title) > width:
        return [BLANK, *flow([(title, "heading")], width)]
    line: list[Run] = [(title, "heading")]
    if rule > 0:
        line.append((" " + "─" * rule, "rule"))
    return [BLANK, (*line, (" ", ""), *note) if side else tuple(line)]
