"""A value that never prints."""

from __future__ import annotations

from typing import NoReturn


class Secret:
    """A string that is kept out of logs, errors, tracebacks and copies.

    `reveal()` is its one way out, so that a search for it finds every use.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """Return the value itself."""
        return self.__value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, format_spec: str) -> str:
        return repr(self)

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __eq__(self, other: object) -> bool:
        """Compare in constant time; a Secret equals no plain string."""
        if not isinstance(other, Secret):
            return NotImplemented
        import hmac  # it loads OpenSSL, for which a command's help need not wait

        return hmac.compare_digest(
            self.__value.encode("utf-8", "surrogatepass"), other.__value.encode("utf-8", "surrogatepass")
        )

    def __hash__(self) -> int:
        return hash((Secret, self.__value))

    def __reduce__(self) -> NoReturn:  # pickle, copy and dataclasses.asdict all pass here
        raise TypeError("a Secret is not copied")
