"""Where a turn's time goes: parts add up in a context of their own, read by ``make bench`` and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter

_parts: ContextVar[dict[str, float] | None] = ContextVar("timing", default=None)


class Timing:
    """Seconds by part of the turn at hand; does nothing unless somebody began to measure."""

    @staticmethod
    @contextmanager
    def measured() -> Iterator[dict[str, float]]:
        parts: dict[str, float] = {}
        reset = _parts.set(parts)
        try:
            yield parts
        finally:
            _parts.reset(reset)

    @staticmethod
    def add(name: str, seconds: float) -> None:
        parts = _parts.get()
        if parts is not None:
            parts[name] = parts.get(name, 0.0) + seconds

    @staticmethod
    @contextmanager
    def part(name: str) -> Iterator[None]:
        started = perf_counter()
        try:
            yield
        finally:
            Timing.add(name, perf_counter() - started)
