"""Names of variables whose values are secrets."""

from __future__ import annotations

from upsun_schema.expression import expression

__all__ = ["is_secret_name"]

_SECRET_ENDS = (
    *("_SECRET", "_TOKEN", "_PASSWORD", "_PASSWD", "_PASSPHRASE", "_SALT", "_API_KEY", "_APIKEY", "_APP_KEY"),
    *("_SECRET_KEY", "_SECRET_KEY_BASE", "_PRIVATE_KEY", "_ACCESS_KEY", "_ENCRYPTION_KEY", "_AUTH_KEY", "_JWT_KEY"),
)
_PUBLIC = expression(r"(?:NEXT_)?PUBLIC_.*|VITE_.*|REACT_APP_.*|NUXT_PUBLIC_.*|.*PUBLISHABLE.*|.*PUBLIC_KEY")


def is_secret_name(name: str) -> bool:
    """Whether a variable with a name in capitals usually has a value that nobody should read."""
    return f"_{name}".endswith(_SECRET_ENDS) and not _PUBLIC.fullmatch(name)
