"""The command palette: every action that has a key, by its name and what it does."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from functools import partial
from typing import Any

from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.dom import DOMNode

_NOT_COMMANDS = (
    "table.", "search.", "app.interrupt", "app.quit-always", "explorer.escape",
    "grid.up", "grid.down", "grid.left", "grid.right", "grid.page", "grid.first", "grid.last",
    "console.run", "console.newline", "console.complete", "console.older", "console.newer",
)  # fmt: skip
"""Beginnings of ids of bindings that only make sense as keys (moving a cursor, typing)."""


class ActionProvider(Provider):
    """Offers the actions of the screen that the palette was called on."""

    def _actions(self) -> Iterator[tuple[DOMNode, Binding, str]]:
        seen: set[str] = set()
        for node, binding, enabled, tooltip in self.screen.active_bindings.values():
            key = binding.id or binding.action
            if not enabled or binding.action in seen or key.startswith(_NOT_COMMANDS):
                continue
            if binding.id is not None:  # ours; Textual's own have none
                seen.add(binding.action)
                yield node, binding, tooltip or binding.tooltip or binding.description

    async def discover(self) -> AsyncGenerator[DiscoveryHit]:
        """List everything before anything is typed."""
        for node, binding, tooltip in self._actions():
            key = self.app.get_key_display(binding)
            yield DiscoveryHit(
                Content.assemble(binding.description, "  ", (key, "dim")),
                partial(self._run, node, binding),
                text=binding.description,
                help=tooltip,
            )

    async def search(self, query: str) -> Hits:
        """List the actions whose name or explanation matches."""
        matcher = self.matcher(query)
        for node, binding, tooltip in self._actions():
            score = max(matcher.match(binding.description), 0.6 * matcher.match(tooltip))
            if score > 0:
                yield Hit(
                    score,
                    matcher.highlight(binding.description),
                    partial(self._run, node, binding),
                    text=binding.description,
                    help=f"{tooltip}  ({self.app.get_key_display(binding)})",
                )

    async def _run(self, node: DOMNode, binding: Binding) -> Any:
        return await self.app.run_action(binding.action, default_namespace=node)
