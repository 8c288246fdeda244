"""How the server knows who comes: what whoever runs it sets in its environment."""

from __future__ import annotations

import os
from ipaddress import ip_address

from data_access.evaluation.confirming import takes_two
from data_access.problems import Problem

NONE, ACCOUNTS, OIDC, HEADER = "none", "accounts", "oidc", "header"
_KINDS = (NONE, ACCOUNTS, OIDC, HEADER)
# Those where the dashboard keeps the sessions itself
WITH_SESSIONS = (ACCOUNTS, OIDC)
# Those where others ask for passwords
WITHOUT_PASSWORDS = (OIDC, HEADER)
_DEFAULT_MINUTES = "30"


def identity() -> str:
    """``IDENTITY``: nobody is asked (none), accounts of the dashboard, an OpenID provider (oidc), or a proxy's header.

    Raises Problem for another.
    """
    kind = os.environ.get("IDENTITY", "").strip() or NONE
    if kind not in _KINDS:
        raise Problem(
            f"IDENTITY={kind} 不对，可用：{'、'.join(_KINDS)}。", f"IDENTITY={kind} is none of {', '.join(_KINDS)}."
        )
    return kind


def session_seconds() -> int:
    """``SESSION_MINUTES``: after how long without doing anything a session ends. Raises Problem."""
    given = os.environ.get("SESSION_MINUTES", "").strip() or _DEFAULT_MINUTES
    if not (given.isascii() and given.isdigit() and int(given)):
        raise Problem(
            f"SESSION_MINUTES={given} 应为大于 0 的整数。", f"SESSION_MINUTES={given} should be a whole number above 0."
        )
    return 60 * int(given)


def require_known_viewers(address: str | None) -> None:
    """Raise Problem where the server listens for other machines (``address``; None: all of its own) and asks nobody's name."""
    if identity() != NONE or is_this_machine(address) or os.environ.get("IDENTITY_NONE_ANYWHERE") == "I_KNOW":
        return
    raise Problem(
        f"看板要听 {address or '所有地址'}，但没有设置怎样认人（IDENTITY），所以不启动。设 IDENTITY=accounts 用看板自己的账号；"
        "用统一身份认证时设 IDENTITY=oidc；前面有认人的代理时设 IDENTITY=header；只给本机用就去掉 --server.address。做法见 docs/security.md“账号与权限”。"
        "封闭网络里的演示可设 IDENTITY_NONE_ANYWHERE=I_KNOW。",
        f"The dashboard is told to listen on {address or 'all addresses'}, but not how to know who comes (IDENTITY), and does "
        "not start. Set IDENTITY=accounts for accounts of its own; IDENTITY=oidc for an OpenID provider; IDENTITY=header behind a proxy that signs people in; or "
        "leave --server.address out for this machine only. See docs/security.md, “Accounts”. For a demonstration in a closed "
        "network there is IDENTITY_NONE_ANYWHERE=I_KNOW.",
    )


def require_two_known() -> None:
    """Raise Problem where two persons are to freeze a month (``FREEZE_BY_TWO``) and nobody is asked who they are."""
    if takes_two() and identity() == NONE:
        raise Problem(
            "FREEZE_BY_TWO=1 要两个人定版，但没有设置怎样认人（IDENTITY），分不出是不是两个人，所以不启动。设 IDENTITY=accounts、"
            "oidc 或 header，或去掉 FREEZE_BY_TWO。",
            "FREEZE_BY_TWO=1 asks for two persons to freeze a month, but nobody is asked who they are (IDENTITY): it makes no "
            "sense, and the dashboard does not start. Set IDENTITY, or leave FREEZE_BY_TWO out.",
        )


def is_this_machine(address: str | None) -> bool:
    """Whether it is this machine alone that the address means."""
    if address is None:
        return False
    if address == "localhost" or address.startswith("unix:"):
        return True
    try:
        return ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False
