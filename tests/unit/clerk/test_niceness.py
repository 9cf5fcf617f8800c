"""A clerk for what takes long gives way to the screen."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from kerastui.clerk.client import Clerk


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_clerk_gives_way_whatever_is_shared_out_among_sessions():
    clerk = Clerk(7)
    clerk.call("get_ready")
    number = clerk._process.pid
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, number) == min(19, ours + 7)
    group = Path(f"/proc/{number}/autogroup")
    if group.exists():
        assert group.read_text().split()[-1] == "7"
    clerk.close()
