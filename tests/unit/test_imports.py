"""Who may import whom, read from the source and proven in fresh interpreters.

The floors themselves are import-linter's contract in pyproject.toml (`.ci/lint-imports`);
here is what it cannot say: the standard library only, no Keras, what a start-up loads.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOMES = {"kerastui": ROOT / "kerastui", "kerastui.tui": ROOT / "tui"}
HOMES["kerastui.widgets"] = ROOT / "widgets"
KERAS = {"keras", "tensorflow", "tf_keras", "jax", "torch"}
EDITS = {f"kerastui.edits.{name}" for name in ("changes", "rename", "structure", "forms")}
"""What a document without edits does not need."""
MAY_IMPORT_KERAS = {"kerastui.session.worker"}


def modules() -> dict[str, Path]:
    """Every module of the installed package, by the name it is imported with."""
    found: dict[str, Path] = {}
    for package, folder in HOMES.items():
        for path in folder.rglob("*.py"):
            parts = path.relative_to(folder).with_suffix("").parts
            parts = parts[:-1] if parts[-1] == "__init__" else parts
            found[".".join((package, *parts))] = path
    return found


MODULES = modules()


def imports(name: str) -> Iterator[tuple[str, int]]:
    """Yield what module `name` imports anywhere in it, as absolute names with line numbers."""
    path = MODULES[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.rsplit(".", node.level - 1)[0] if node.level else ""
            source = ".".join(part for part in (base, node.module or "") if part)
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                yield (inner if inner in MODULES else source), node.lineno
        elif isinstance(node, ast.Call) and node.args:
            called = ast.unparse(node.func).rpartition(".")[2]
            target = node.args[0]
            if called in {"import_module", "__import__"} and isinstance(target, ast.Constant):
                yield str(target.value), node.lineno


def strays(prefix: str, allowed: set[str]) -> list[str]:
    """What modules below `prefix` import besides the standard library and `allowed`."""
    found: list[str] = []
    for name, path in MODULES.items():
        if f"{name}.".startswith(f"{prefix}."):
            for target, line in imports(name):
                top = target.partition(".")[0]
                fine = any(f"{target}.".startswith(f"{one}.") for one in allowed)
                if top not in sys.stdlib_module_names and not fine:
                    found.append(f"{path.relative_to(ROOT)}:{line} imports {target}")
    return found


def test_the_scan_sees_imports() -> None:
    assert {target for target, _ in imports("kerastui")} >= {"importlib", "kerastui.files"}
    assert "kerastui.model.layer" in {target for target, _ in imports("kerastui.model.model")}


def test_model_and_edits_are_standard_library_only() -> None:
    assert strays("kerastui.model", {"kerastui.model", "kerastui.errors"}) == []
    assert strays("kerastui.edits", {"kerastui.edits", "kerastui.model", "kerastui.errors"}) == []


def test_widgets_know_the_model_and_edits_only() -> None:
    known = {"kerastui.widgets", "kerastui.model", "kerastui.edits", "kerastui.errors"}
    # What was computed: plain values, without NumPy.
    known |= {"kerastui.analysis.compare_results", "kerastui.analysis.results"}
    # PIL: imported when a figure is shown.
    assert strays("kerastui.widgets", known | {"textual", "rich", "pygments", "PIL"}) == []


def test_the_core_imports_no_screen() -> None:
    screen = {"textual", "rich", "kerastui.tui", "kerastui.widgets"}
    found = [
        f"{MODULES[name].relative_to(ROOT)}:{line} imports {target}"
        for name in MODULES
        if not name.startswith(("kerastui.tui", "kerastui.widgets"))
        for target, line in imports(name)
        if any(f"{target}.".startswith(f"{one}.") for one in screen)
    ]
    assert found == []


def test_only_the_worker_imports_keras() -> None:
    found = [
        f"{MODULES[name].relative_to(ROOT)}:{line} imports {target}"
        for name in MODULES
        if name not in MAY_IMPORT_KERAS
        for target, line in imports(name)
        if target.partition(".")[0] in KERAS
    ]
    assert found == []


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import kerastui", {"textual", "rich", "h5py", "numpy", *KERAS}),
        ("import kerastui; kerastui.Document, kerastui.Model", {"textual", "h5py", "numpy"}),
        ("import kerastui.files", {"textual", "rich", "kerastui.tui", *KERAS}),
        ("import kerastui.saving", {"textual", "rich", "kerastui.tui", *KERAS}),
        ("import kerastui.clerk.server", {"textual", "rich", "kerastui.tui", *KERAS}),
        ("import kerastui.clerk.client", {"textual", "rich", "h5py", "numpy", *KERAS}),
        ("import kerastui.tui.main", {"textual", "rich", "h5py", "numpy", "argparse", *KERAS}),
        ("import kerastui.tui.app", {"h5py", "numpy", "argparse", *KERAS}),
        ("import kerastui.tui.explorer", {"h5py", "numpy", *KERAS}),
        ("import kerastui.tui.diff_app, kerastui.tui.diff_screen", {"h5py", "numpy", *KERAS}),
        (
            "import kerastui.tui.trail_screen, kerastui.tui.commands.diff",
            {"h5py", "numpy", "kerastui.edits.document", *KERAS},
        ),
        ("import kerastui.tui.explorer, kerastui.tui.side_panel", EDITS),
        ("import kerastui; kerastui.Document", EDITS),
        ("import kerastui.tui.commands.show", {"textual", "rich", *KERAS}),
    ],
)
def test_a_fresh_interpreter_stays_light(statement: str, absent: set[str]) -> None:
    program = f"import sys; {statement}; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert absent & set(done.stdout.split()) == set()
