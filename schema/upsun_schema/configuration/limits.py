"""Figures of the platform that messages and rules need."""

from __future__ import annotations

__all__ = ["STOP_SECONDS"]

STOP_SECONDS = 15
"""Seconds between SIGTERM and SIGKILL when a worker is stopped (docs: configure-apps/workers)."""
