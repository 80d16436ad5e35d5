"""Fits a style to a result: the ends of a ramp that depend on the data, the band, how long a date is shown."""

from __future__ import annotations

import math
import re
from array import array
from datetime import date
from typing import List, Tuple

from osgeo import gdal, ogr

SAMPLE = 256  # rows and columns that are looked at; overviews make this quick
LOW, HIGH = 0.02, 0.98  # quantiles, so that single wild pixels do not take the colours

# How each style is fitted; those that are not here have fixed ends.
FITTED = {
    "unwrapped_phase": "symmetric",
    "displacement": "symmetric",
    "velocity": "symmetric",
    "velocity_std": "quantiles",
    "deformation": "symmetric",
    "atmosphere": "symmetric",
    "deviation": "quantiles",
    "amplitude": "quantiles",
    "gradient_stack": "symmetric",
    "gradient_stack_y": "symmetric",
}
REPEAT_DAYS = 12
ROWS = 5000  # of a table of series that are looked at: the first series hold all dates
BANDS = {"gradient_stack_y": 2}  # what a style shows where it is not band 1

_VALUES = re.compile(r'\b(value|classificationMin|classificationMax|minimumValue|maximumValue)="([-+.\de]+)"')
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}$")
_DURATION = re.compile(r'\bfixedDuration="\d+"')
_LABELS = re.compile(r'\blabel="([-+.\de]+)( ?[^"\d]*)"')


def fitted(style: str, text: str, path: str) -> str:
    """The style file's text with its ramp stretched to the raster in `path`; unchanged where its ends are fixed."""
    if style == "series":
        return _DURATION.sub(f'fixedDuration="{repeat_days(path)}"', text)
    if style not in FITTED:
        return text
    band = BANDS.get(style, 1) if style != "displacement" else last_band(path)
    text = text.replace(' band="1" ', f' band="{band}" ')
    low, high = ends(style, sample(path, band))
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


def last_band(path: str) -> int:
    """The number of the last band: of a band for each date, the first is zero and the last shows most."""
    raster = gdal.Open(path)
    return int(raster.RasterCount) if raster is not None else 1


def repeat_days(path: str) -> int:
    """The median of the days between the dates of a table of series; that of Sentinel-1 where it has not two."""
    source = ogr.Open(path)
    layer = source.GetLayer(0) if source is not None else None
    if layer is None or layer.GetLayerDefn().GetFieldIndex("date") < 0:
        return REPEAT_DAYS
    texts = {str(feature.GetField("date")).replace("/", "-") for feature, _ in zip(layer, range(ROWS))}
    days = sorted(date.fromisoformat(text).toordinal() for text in texts if _ISO.match(text))
    steps = sorted(days[i + 1] - days[i] for i in range(len(days) - 1))
    return steps[len(steps) // 2] if steps else REPEAT_DAYS


def sample(path: str, number: int = 1) -> List[float]:
    """Values of a band, every so many pixels, without no data; empty where the raster cannot be read."""
    raster = gdal.Open(path)
    if raster is None:
        return []
    columns, rows = min(SAMPLE, raster.RasterXSize), min(SAMPLE, raster.RasterYSize)
    band = raster.GetRasterBand(number)
    data = band.ReadRaster(buf_xsize=columns, buf_ysize=rows, buf_type=gdal.GDT_Float64)
    nodata = band.GetNoDataValue()
    return [v for v in array("d", data or b"") if math.isfinite(v) and v != nodata]
