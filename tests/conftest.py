"""What all tests share: an isolated home, the real model files, how Keras is kept quiet.

Modules of helpers beside this file (``builders``, ``terminal_emulator`` …) are imported by
their bare names: pyproject.toml puts ``tests/`` on the path.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# TensorFlow reads these when it is first imported; Textual its own when it is.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
# Two test processes on two cores: threads of BLAS would wait for each other, ten times as long.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ["KERAS_BACKEND"] = "tensorflow"
for _name in ("NO_COLOR", "FORCE_COLOR", "TEXTUAL", "TEXTUAL_THEME", "TEXTUAL_LOG", "COLUMNS"):
    os.environ.pop(_name, None)

# A shell's background job ignores Ctrl+C, and so would every process that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No deadline: two cores are shared with other work. A failing example is printed, not kept.
settings.register_profile(
    "kerastui", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("kerastui")


def _find_models() -> Path | None:
    """Where real files of other people lie: $KERASTUI_MODELS, or ../shared/models."""
    given = os.environ.get("KERASTUI_MODELS")
    folder = Path(given) if given else ROOT.parent / "shared" / "models"
    return folder if (folder / "models.json").is_file() else None


MODELS_DIR = _find_models()


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """The folder of real model files (with its ``models.json``); skips where there is none."""
    if MODELS_DIR is None:
        pytest.skip("no real model files: set KERASTUI_MODELS to a folder with a models.json")
    return MODELS_DIR


@pytest.fixture(scope="session")
def sample_dir() -> Path:
    """The sample models that are checked in; read them, never write there."""
    return ROOT / "sample_models"


@pytest.fixture(autouse=True)
def isolated_home(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A home of its own for each test, so that no setting of the user leaks in or is lost."""
    home = tmp_path_factory.mktemp("home", numbered=True)
    places = {
        "HOME": home,
        "USERPROFILE": home,
        "XDG_CONFIG_HOME": home / "config",
        "XDG_STATE_HOME": home / "state",
        "XDG_CACHE_HOME": home / "cache",
        "XDG_DATA_HOME": home / "data",
        "APPDATA": home / "roaming",
        "LOCALAPPDATA": home / "local",
    }
    for name, folder in places.items():
        monkeypatch.setenv(name, str(folder))
    return home


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that import Keras at the end: they share one import of TensorFlow.

    The sort is stable. What is quick fails first, and memory stays small until then.
    """
    items.sort(key=lambda item: item.get_closest_marker("keras") is not None)


def pytest_collection_finish() -> None:
    """Thousands of collected tests live to the end: the garbage collector need not look at them."""
    _freeze()


def pytest_runtest_teardown() -> None:
    """Neither need it look at TensorFlow, once that is imported.

    Keras's `clear_session` collects garbage each time: a quarter of a second among all these
    objects, a tenth of that without them.
    """
    if "tensorflow" in sys.modules and not _frozen_with_tensorflow:
        _frozen_with_tensorflow.append(True)
        _freeze()


_frozen_with_tensorflow: list[bool] = []


def _freeze() -> None:
    gc.collect()
    gc.freeze()
