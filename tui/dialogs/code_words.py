"""The words for code that a model file holds. All text of the file is made safe here."""

from __future__ import annotations

from textual.content import Content

from kerastui.checks.code_scan import CodeFinding
from kerastui.checks.disassembly import Disassembly
from kerastui.model import safe_text

MAX_LISTED = 40
"""Constants and names listed of one function."""


def finding_text(finding: CodeFinding) -> Content:
    """Say in which layer it is, what it is, and whether loading would run it."""
    where = f" · {safe_text(finding.where, 60)}" if finding.where else ""
    sign = "▲" if finding.runs or finding.imports else "·"
    return Content.assemble(
        Content.styled(f"{sign} {safe_text(finding.layer, 120)}", "bold"),
        Content.styled(f"{where} · {safe_text(finding.kind, 30)}\n", "$text-muted"),
        Content(f"  {safe_text(finding.what, 400)}"),
    )


def code_text(listing: Disassembly | None) -> Content:
    """Return the constants, names and instructions of a function; None: not listed yet."""
    if listing is None:
        return Content.styled("  listing the bytecode …", "$text-muted")
    lines: list[Content] = []
    if listing.name:
        origin = f" from {safe_text(listing.filename, 160)}" if listing.filename else ""
        lines.append(Content(f"  {safe_text(listing.name, 80)}{origin}, {listing.written_by}"))
    for label, texts in (("constants", listing.constants), ("uses", listing.names)):
        if texts:
            lines.append(_labelled(label, texts))
    lines += [
        Content.styled(f"    {safe_text(line, 320)}", "$text-muted") for line in listing.lines
    ]
    if listing.note:
        lines.append(Content.styled(f"  ▲ {safe_text(listing.note, 300)}", "$text-warning"))
    return Content("\n").join(lines)


def _labelled(label: str, texts: tuple[str, ...]) -> Content:
    shown = ", ".join(safe_text(text, 120) for text in texts[:MAX_LISTED])
    rest = len(texts) - MAX_LISTED
    more = f" and {rest:,} more" if rest > 0 else ""
    return Content.assemble((f"  {label} ", "$text-muted"), Content(f"{shown}{more}"))
