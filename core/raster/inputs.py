"""Opening the rasters of a job together: each with its band and its nodata, all on one grid."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ..progress import Progress
from .grid import check_same_grid
from .products import zero_is_nodata
from .source import Source


@contextlib.contextmanager
def opened(
    parameters: Mapping[str, Any], names: Sequence[str], progress: Progress, *, zero_is_value: Collection[str] = ()
) -> Iterator[dict[str, Source]]:
    """The rasters that the parameters `names` give, by name, in that order; those that are None are left out.

    BAND chooses the band of INPUT. Exact zeros are missing as ZERO_IS_NODATA or the product says, but never in those of
    `zero_is_value`, such as masks. Raises InputError, and GridMismatchError where they do not lie on one grid.
    """
    with contextlib.ExitStack() as stack:
        sources: dict[str, Source] = {}
        for name in names:
            path = parameters[name]
            if path is None:
                continue
            zero = name not in zero_is_value and zero_is_nodata(
                path, requested=parameters["ZERO_IS_NODATA"], name=name, progress=progress
            )
            band = parameters["BAND"] if name == "INPUT" else None
            sources[name] = stack.enter_context(Source(path, band=band, zero_is_nodata=zero, name=name))
        check_same_grid(**{name: (source.path, source.grid) for name, source in sources.items()})
        yield sources
