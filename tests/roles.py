"""Somebody of each role, of whom each may see other cases."""

from __future__ import annotations

from data_access.access import RIGHTS, Viewer

OWN = frozenset({"370883103", "370883114"})
# What the schema brings along, as the README and docs/security.md tell it
ROLES = {
    "viewer": set[str](),
    "township_official": {"cases", "persons", "report"},
    "duty_officer": {"cases", "export"},
    "clerk": {"cases", "export", "import", "report"},
    "evaluator": {"cases", "export", "evaluate", "decide"},
    "administrator": set(RIGHTS),
}
VIEWERS = {
    name: Viewer(name, rights=frozenset(rights), case_townships=OWN if name == "township_official" else None)
    for name, rights in ROLES.items()
}
# Of some departments alone, everywhere and in some townships
DEPARTMENTS = frozenset({"乡村振兴办公室", "市水务局"})
for who, townships in (("department_officer", None), ("department_official", OWN)):
    VIEWERS[who] = Viewer(who, rights=frozenset(RIGHTS), case_townships=townships, case_departments=DEPARTMENTS)
