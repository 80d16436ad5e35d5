"""Products whose names tell that they write 0 where there is no data."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ..progress import Progress
from .diagnose import file_of

# COMET LiCSAR: YYYYMMDD_YYYYMMDD.geo.diff_pha.tif and its relatives.
_LICSAR = re.compile(r"^\d{8}_\d{8}\.geo\.(diff_pha|diff_unfiltered_pha|unw|cc|mag_cc)\.tif$", re.IGNORECASE)

# ASF HyP3, GAMMA pairs (S1AA_<start>_<start>_VVP012_INT80_G_ueF_1234_...) and ISCE2 bursts
# (S1_012345_IW1_YYYYMMDD_YYYYMMDD_VV_INT80_1234_...); not their water masks and elevations, where 0 is a value.
_HYP3 = re.compile(
    r"^S1([AB-]{2}_\d{8}T\d{6}_\d{8}T\d{6}_|_\d{6}_IW\d_\d{8}_\d{8}_).*_INT\d+_.*(wrapped_phase|unw_phase|corr|amp)\.tif$"
)


def recognise(path: str | os.PathLike[str]) -> str:
    """The product that a file's name belongs to; empty where it is none that is known."""
    file = file_of(os.fspath(path)) or Path(os.fspath(path))
    if _LICSAR.match(file.name):
        return "LiCSAR"
    return "HyP3" if _HYP3.match(file.name) else ""


def zero_is_nodata(path: str | os.PathLike[str], *, requested: bool, name: str, progress: Progress) -> bool:
    """Whether exact zeros are missing: asked for by the user, or the convention of a recognised product (logged)."""
    if requested:
        return True
    product = recognise(path)
    if product:
        progress.log(f"{name}: {path} is a {product} product by its name, so exact zeros are taken as no data")
    return bool(product)
