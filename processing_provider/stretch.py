"""Fits a style to a raster: the ends of a ramp that depend on the data."""

from __future__ import annotations

import math
import re
from array import array
from typing import List, Tuple

from osgeo import gdal

SAMPLE = 256  # rows and columns that are looked at; overviews make this quick
LOW, HIGH = 0.02, 0.98  # quantiles, so that single wild pixels do not take the colours

# How each style is fitted; those that are not here have fixed ends.
FITTED = {"unwrapped_phase": "symmetric", "displacement": "symmetric", "amplitude": "quantiles"}

_VALUES = re.compile(r'\b(value|classificationMin|classificationMax|minimumValue|maximumValue)="([-+.\de]+)"')
_LABELS = re.compile(r'\blabel="([-+.\de]+)( ?[^"\d]*)"')


def fitted(style: str, text: str, path: str) -> str:
    """The style file's text with its ramp stretched to the raster in `path`; unchanged where its ends are fixed."""
    if style not in FITTED:
        return text
    low, high = ends(style, sample(path))
    offset, scale = (0.0, high) if FITTED[style] == "symmetric" else (low, high - low)

    def moved(number: str) -> float:
        return offset + scale * float(number)

    text = _VALUES.sub(lambda m: f'{m.group(1)}="{moved(m.group(2)):.6g}"', text)
    return _LABELS.sub(lambda m: f'label="{moved(m.group(1)):.3g}{m.group(2)}"', text)


def ends(style: str, values: List[float]) -> Tuple[float, float]:
    """Where the ramp begins and ends: symmetric about 0, or between two quantiles; -1..1 or 0..1 where nothing is."""
    symmetric = FITTED[style] == "symmetric"
    if symmetric:
        values = sorted(abs(v) for v in values)
        high = values[int(HIGH * (len(values) - 1))] if values else 1.0
        return -(high or 1.0), high or 1.0
    values = sorted(values)
    if not values:
        return 0.0, 1.0
    low, high = values[int(LOW * (len(values) - 1))], values[int(HIGH * (len(values) - 1))]
    return (low, high) if high > low else (low, low + 1.0)


def sample(path: str) -> List[float]:
    """Values of band 1, every so many pixels, without no data; empty where the raster cannot be read."""
    raster = gdal.Open(path)
    if raster is None:
        return []
    columns, rows = min(SAMPLE, raster.RasterXSize), min(SAMPLE, raster.RasterYSize)
    band = raster.GetRasterBand(1)
    data = band.ReadRaster(buf_xsize=columns, buf_ysize=rows, buf_type=gdal.GDT_Float64)
    nodata = band.GetNoDataValue()
    return [v for v in array("d", data or b"") if math.isfinite(v) and v != nodata]
