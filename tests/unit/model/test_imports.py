"""What importing the model costs and pulls in, in fresh interpreters."""

from __future__ import annotations

import json
import subprocess
import sys

PROGRAM = """
import sys, json, dataclasses, math, unicodedata, re, typing, functools
before = set(sys.modules)
import time
start = time.process_time()
import kerastui.model
taken = time.process_time() - start
loaded = sorted(set(sys.modules) - before)
print(json.dumps([taken, loaded]))
"""


def test_the_model_is_light_and_needs_nothing_but_the_standard_library() -> None:
    runs = [
        json.loads(subprocess.check_output([sys.executable, "-c", PROGRAM], text=True))
        for _ in range(3)
    ]
    loaded = runs[0][1]
    ours = [name for name in loaded if name.startswith("kerastui")]
    assert "kerastui.model.known_layers" not in ours  # its data waits until it is asked for
    assert "kerastui.model.explain" not in ours
    stdlib = set(sys.stdlib_module_names)
    foreign = [n for n in loaded if n.partition(".")[0] not in {*stdlib, "kerastui"}]
    assert foreign == []
    assert min(run[0] for run in runs) < 0.05
