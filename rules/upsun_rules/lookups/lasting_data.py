"""Which services hold data that cannot be made again."""

from __future__ import annotations

from upsun_schema.configuration.model import Service

__all__ = ["holds_data"]

_WITHOUT_DATA = frozenset(
    {"chrome-headless", "gotenberg", "memcached", "mercure", "redis", "valkey", "varnish"}
    | {"mariadb-replica", "postgres-replica", "postgresql-replica"}
)
"""Services that keep nothing, or only what can be made again: a cache, a copy of another service."""


def holds_data(service: Service) -> bool:
    """Whether the data of a service is lost when the service is deleted."""
    return service.image is not None and service.image not in _WITHOUT_DATA
