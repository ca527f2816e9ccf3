"""How long a test waits for an event.

Every wait ends with its event, so a generous limit costs nothing: only what hangs takes so long. A machine that is slower
still gets more with `UPSUN_LINT_PATIENCE=900`.
"""

from __future__ import annotations

import os

PATIENCE = float(os.environ.get("UPSUN_LINT_PATIENCE", "300"))
"""Seconds after which an event that has not come is taken for one that never comes."""
