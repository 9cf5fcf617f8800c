"""Which layers a description has that its file has not, and the other way round."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .model import Model


@dataclass(frozen=True)
class NewDense:
    """How the weights of an appended layer begin: what its configuration does not say."""

    initializer: str = "glorot_uniform"
    """Of the kernel, as Keras calls it; the bias begins with zeros."""
    seed: int = 0


@dataclass(frozen=True)
class Structure:
    """How a description's layers came about from those of the file."""

    whole: Model = field(compare=False, repr=False)
    """The description that was first cut or appended to: it has all of the file's layers."""
    origins: tuple[int, ...]
    """For each layer its index in `whole`; -1 for one that was appended."""
    cut_at: int = -1
    """Index in `whole` of the innermost layer that became the last one; -1: nothing was cut."""
    made: tuple[NewDense, ...] = ()
    """One for each -1 in `origins`, in order."""

    def made_at(self, index: int) -> NewDense:
        """Return how the appended layer `index` begins."""
        return self.made[sum(origin < 0 for origin in self.origins[:index])]
