"""Whether another process of this machine still runs."""

from __future__ import annotations

import os


def runs(process: int) -> bool:
    """Whether the process of that number runs; True where that cannot be asked."""
    if os.name == "nt":
        # There, the question would end it.
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        # Somebody else's
        return True
    return True
