"""What can be wrong with an account."""

from __future__ import annotations

from data_access.problems import Problem


class AccountProblem(Problem):
    """An account cannot be made, or changed, as asked."""


class NoAccount(AccountProblem):
    """Somebody is known elsewhere, but may not come in here."""

    def __init__(self) -> None:
        super().__init__(
            "您在看板还没有账号，或账号已锁定，请联系管理员。",
            "You have no account here, or it is locked: ask your administrator.",
        )


class NotSignedIn(AccountProblem):
    """Name and password let nobody in: one sentence, whichever of them is wrong, so that nobody learns which names there are."""

    def __init__(self) -> None:
        super().__init__(
            "账号或口令不对，或账号暂时不能登录；连错 5 次要等 15 分钟。忘了口令请找管理员重设。",
            "Account or password is wrong, or the account cannot sign in for now; after 5 failures wait 15 minutes. "
            "Your administrator can set a new password.",
        )
