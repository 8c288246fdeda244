"""Passwords: which are strong enough, and how they are kept (argon2id)."""

from __future__ import annotations

import secrets
from base64 import b64encode
from itertools import product
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from data_access.accounts.problems import AccountProblem

SHORTEST = 10
# Argon2 takes all of it in; a megabyte would be work for nothing.
_LONGEST = 200
# Words and rows of keys that most of the leaked passwords of ten characters and more begin with, and what is put behind
_BEGINNINGS = (  # noqa: SIM905  # a list would be fifty lines
    "password passw0rd p@ssw0rd p@ssword qwerty qwertyuiop qwer1234 asdfghjkl asdf1234 zxcvbnm 1qaz2wsx 1q2w3e4r 1q2w3e4r5t "
    "abc123 abcd1234 a123456 aa123456 admin admin123 administrator root user test welcome letmein iloveyou woaini woaini1314 "
    "5201314 1314520 123456 1234567 12345678 123456789 1234567890 0123456789 0987654321 987654321 147258369 789456123 "
    "111111 112233 123123 123321 666666 888888 000000 zaq12wsx changeme system zhengfu xianzhengfu huawei taobao"
).split()
_ENDINGS = (
    "",
    "1",
    "12",
    "123",
    "1234",
    "12345",
    "123456",
    "0",
    "00",
    "000",
    "!",
    "@",
    "123!",
    "@123",
    "2023",
    "2024",
    "2025",
)
_COMMON = frozenset(map("".join, product(_BEGINNINGS, _ENDINGS)))
_FEWEST_CHARACTERS = 4

_hasher = PasswordHasher()
# Each takes 64 MB and all of a core: many who try at once must wait, not the pages of everybody.
_turns = BoundedSemaphore(2)


def hashed(password: str) -> str:
    """The hash that is kept of a password."""
    with _turns:
        return _hasher.hash(password)


def _nobodys() -> str:
    """A hash of no password: what is compared where there is no other, so that a name that is none takes as long."""
    salt, digest = (
        b64encode(secrets.token_bytes(length)).decode().rstrip("=") for length in (_hasher.salt_len, _hasher.hash_len)
    )
    cost = f"m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${digest}"


# Not hashed, which would take a fifth of a second of every start.
_NOBODYS = _nobodys()


def matches(password_hash: str | None, password: str) -> bool:
    """Whether a password is the one of the hash; the same work where there is no hash."""
    with _turns:
        try:
            return _hasher.verify(password_hash or _NOBODYS, password[: _LONGEST + 1]) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


def made_password() -> str:
    """A password that nobody chose."""
    return secrets.token_urlsafe(12)


def require_strong(name: str, password: str) -> None:
    """Raise AccountProblem, which does not repeat it, for a password that is easily guessed."""
    bare = password.strip().lower()
    if len(password) < SHORTEST:
        raise AccountProblem(
            f"口令太短，至少要 {SHORTEST} 个字符。", f"The password is too short: {SHORTEST} characters at least."
        )
    if len(password) > _LONGEST:
        raise AccountProblem(
            f"口令太长，最多 {_LONGEST} 个字符。", f"The password is too long: {_LONGEST} characters at most."
        )
    if name.lower() in (bare, bare[::-1]) or bare.strip("0123456789") == name.lower():
        raise AccountProblem("口令不能就是账号。", "The password must not be the account's name.")
    if bare in _COMMON or len(set(bare)) < _FEWEST_CHARACTERS:
        raise AccountProblem(
            "这个口令太常见，一猜就中，请换一个。", "This password is among the first that are guessed; choose another."
        )
