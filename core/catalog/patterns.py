"""Files named by a pattern such as folder/*_phase.tif, in the standard library alone (Python 3.9)."""

from __future__ import annotations

import glob
import os
import re
from pathlib import Path
from typing import Any, List

# What makes a name a pattern; a subdataset such as NETCDF:"a.nc":phase or a file that exists is none.
_SIGNS = re.compile(r"[*?\[]")


def is_pattern(name: Any) -> bool:
    """Whether a name is a pattern and not simply the name of a file."""
    return isinstance(name, str) and bool(_SIGNS.search(name)) and not os.path.lexists(name)


def _files(pattern: str) -> List[str]:
    # Not Path.glob, which takes no absolute patterns.
    return sorted(path for path in glob.glob(pattern, recursive=True) if Path(path).is_file())  # noqa: PTH207


def expanded(given: Any) -> List[Any]:
    """A list of names, or one name, with every pattern replaced by the files that fit it, sorted by name.

    `**` stands for any folders in between. A pattern that nothing fits stays as it is; anything else does too.
    """
    names: List[Any] = []
    for name in given if isinstance(given, (list, tuple)) else [given]:
        names += (_files(name) if is_pattern(name) else []) or [name]
    return names
