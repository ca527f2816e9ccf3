"""Names of variables whose values are secrets."""

from __future__ import annotations

from upsun_schema.expression import expression

__all__ = ["is_secret_name"]

_SECRET = expression(
    r"(?:.*_)?(?:SECRET|TOKEN|PASSWORD|PASSWD|PASSPHRASE|API_?KEY|SECRET_KEY(?:_BASE)?|PRIVATE_KEY|ACCESS_KEY"
    r"|ENCRYPTION_KEY|AUTH_KEY|JWT_KEY|APP_KEY|SALT)"
)
_PUBLIC = expression(r"(?:NEXT_)?PUBLIC_.*|VITE_.*|REACT_APP_.*|NUXT_PUBLIC_.*|.*PUBLISHABLE.*|.*PUBLIC_KEY")


def is_secret_name(name: str) -> bool:
    """Whether a variable with a name in capitals usually has a value that nobody should read."""
    return bool(_SECRET.fullmatch(name)) and not _PUBLIC.fullmatch(name)
