"""Other names for what lies in an HDF5 file: links move, no data is read or copied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..errors import SaveFailed
from ..files.guards import is_group, links
from ..files.low import Handle, h5a, h5g
from ..model import safe_text
from .state_edit import inside

Parts = tuple[str, ...]
Move = tuple[Parts, Parts]
"""Old and new path, in parts, relative to a group."""

_TEMPORARY = "kerastui-moving-"
_HARD = 0  # H5L_TYPE_HARD


def parts(path: str) -> Parts:
    """Return the parts of an HDF5 path; empty ones and dots mean nothing in it."""
    return tuple(part for part in path.split("/") if part not in ("", "."))


def present(group: Handle, paths: Iterable[str]) -> list[str]:
    """Return those of the paths, each once, that lead to something in the file itself.

    Folders are listed, nothing in them is opened. Raises UnreadableFile.
    """
    members: dict[Parts, set[bytes]] = {}

    def inside_of(folder: Parts) -> set[bytes]:
        known = members.get(folder)
        if known is None:
            lies_there = not folder or _raw(folder[-1]) in inside_of(folder[:-1])
            here = inside(group, "/".join(folder)) if lies_there else None
            found = links(here) if is_group(here) else []
            known = members[folder] = {name for name, kind in found if kind == _HARD}
        return known

    split = {path: parts(path) for path in paths}
    return [p for p, found in split.items() if found and _raw(found[-1]) in inside_of(found[:-1])]


def move_links(group: Handle, moves: Iterable[Move]) -> None:
    """Move what lies at each old path below `group` to its new path, all at once.

    `moves` names what stays in the same folders, too. Whole folders are renamed where all
    that is named in them agrees, so that they keep their attributes; else single objects move,
    and folders that this empties go. Two may change places.

    Raises SaveFailed when something else lies at a new path, or an old one leads nowhere or
    over a link to another file.
    """
    pairs = dict.fromkeys(moves)
    if _by_folder(pairs):
        _move_folders(group, pairs)
    else:
        _move_each(group, [(old, new) for old, new in pairs if old != new])


def _by_folder(pairs: Iterable[Move]) -> bool:
    """Whether every folder has one new name, and no two get the same one."""
    to: dict[Parts, Parts] = {}
    back: dict[Parts, Parts] = {}
    for old, new in pairs:
        if len(old) != len(new):
            return False
        for end in range(1, len(old) + 1):
            if to.setdefault(old[:end], new[:end]) != new[:end]:
                return False
            if back.setdefault(new[:end], old[:end]) != old[:end]:
                return False
    return True


def _move_folders(group: Handle, pairs: Iterable[Move]) -> None:
    stack: list[tuple[Handle, list[Move]]] = [(group, list(pairs))]
    while stack:
        here, inner = stack.pop()
        below: dict[tuple[str, str], list[Move]] = {}
        for old, new in inner:
            below.setdefault((old[0], new[0]), [])
            if old[1:] != new[1:]:
                below[old[0], new[0]].append((old[1:], new[1:]))
        _rename(here, [(old, new) for old, new in below if old != new])
        stack += [(_group(here, new), moves) for (_, new), moves in below.items() if moves]


def _rename(group: Handle, names: Sequence[tuple[str, str]]) -> None:
    """Rename members of one group; by way of names that nothing else has where some swap."""
    if {old for old, _ in names}.isdisjoint(new for _, new in names):
        for old, new in names:
            _move(group, old, group, new)
        return
    for number, (old, _) in enumerate(names):
        _move(group, old, group, f"{_TEMPORARY}{number}")
    for number, (_, new) in enumerate(names):
        _move(group, f"{_TEMPORARY}{number}", group, new)


def _move_each(group: Handle, moves: Sequence[Move]) -> None:
    for number, (old, _) in enumerate(moves):
        _move(_group(group, *old[:-1]), old[-1], group, f"{_TEMPORARY}{number}")
    for number, (_, new) in enumerate(moves):
        _move(group, f"{_TEMPORARY}{number}", _folder(group, new[:-1]), new[-1])
    for old, _ in moves:
        _prune(group, old[:-1])


def _move(group: Handle, old: str, target: Handle, new: str) -> None:
    if not group.links.exists(_raw(old)):
        raise _lost(old)
    if target.links.exists(_raw(new)):
        raise SaveFailed(
            f"The file holds something else called {safe_text(new, 200)}; nothing was written. "
            "Choose another name."
        )
    group.links.move(_raw(old), target, _raw(new))


def _folder(group: Handle, path: Parts) -> Handle:
    """Return the group at `path`, made where it is missing."""
    for part in path:
        exists = group.links.exists(_raw(part))
        group = _group(group, part) if exists else h5g.create(group, _raw(part))
    return group


def _prune(group: Handle, path: Parts) -> None:
    """Remove the groups along `path`, innermost first, that are empty and say nothing."""
    for end in range(len(path), 0, -1):
        above, found = _group(group, *path[: end - 1]), inside(group, "/".join(path[:end]))
        if found is None:  # gone already, with another path
            continue
        if not is_group(found) or found.get_num_objs() or h5a.get_num_attrs(found):
            return
        above.unlink(_raw(path[end - 1]))


def _group(group: Handle, *path: str) -> Handle:
    found = inside(group, "/".join(path)) if path else group
    if not is_group(found):
        raise _lost("/".join(path))
    return found


def _raw(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")


def _lost(path: str) -> SaveFailed:
    return SaveFailed(
        f"{safe_text(path, 200)} is missing in the file or a link, so that it cannot be "
        "renamed; nothing was written."
    )
