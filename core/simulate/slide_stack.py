"""Stacks of wrapped interferograms over wide ground with landslides, made one interferogram at a time.

For measuring what takes how long on stacks of real size: the air of a date is one of a few turbulent fields, turned and
flipped, so that hundreds of large interferograms are made in minutes; sums around loops of dates close but for noise.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import torch
from torch import Tensor

from .atmosphere import turbulence
from .draw import Draw
from .geometry import gradient_magnitude, line_of_sight, phase_per_mm
from .gradient_ground import coherence
from .slides import Slopes, slide, surface
from .stack import network
from .terrain import TerrainSource, add_roughness, make_elevation

BLOCK = 250  # pixels on a side, in which there is a landslide or none
MEAN_SLOPE = 0.35  # rise over run: mountains
SLIDE_SHARE = 0.6  # of the blocks: about one in 40 km2 of steep ground at 20 m
FIELDS = 12  # distinct turbulent fields
TURNS = 8  # ways to turn and flip each
AIR = 6.0  # mm, standard deviation of a date
COARSE = 4  # pixels: the air is made at that spacing and enlarged
FADING = 300.0  # days over which coherence falls to 1/e
HEADING, INCIDENCE = -13.0, 39.0  # degrees, Sentinel-1 ascending
WAVELENGTH = 0.0555  # m
FIRST_DATE = date(2018, 1, 5)
LINKS = 3  # later dates that each date is paired with


@dataclass(frozen=True)
class SlideStackOptions:
    """A square scene of `side` pixels of `pixel` metres, `interferograms` every `repeat_days`, of `looks` looks."""

    side: int = 512
    interferograms: int = 30
    pixel: float = 20.0
    repeat_days: int = 12
    looks: float = 20.0


class Interferogram:
    """One of the stack: its two dates, and wrapped phase (rows, cols) rad, positive away from the satellite."""

    def __init__(self, first: date, second: date, phase: Tensor) -> None:
        self.first, self.second, self.phase = first, second, phase

    @property
    def days(self) -> int:
        """Days between."""
        return (self.second - self.first).days


class SlideStack:
    """Ground, motion and dates of a stack; (rows, cols) where nothing else is said.

    `elevation` m; `rate` mm per year toward the satellite; `owner` 0 where nothing moves, else the number of a
    landslide; `mean_coherence` 0..1 over no time.
    """

    def __init__(self, options: SlideStackOptions, generator: torch.Generator, terrain: TerrainSource | None) -> None:
        self.options, self._draw = options, Draw(generator)
        draw, side = self._draw, options.side
        pixel = torch.full((1,), options.pixel)
        elevation = make_elevation(draw, side, side, pixel, terrain)
        elevation = elevation * (MEAN_SLOPE / gradient_magnitude(elevation, pixel).mean())
        elevation = add_roughness(draw, elevation, pixel)
        look = torch.tensor([line_of_sight(HEADING, INCIDENCE)])
        slopes = surface(elevation, pixel, look)
        incidence = torch.full((1,), math.radians(INCIDENCE))
        value, _, water = coherence(draw, elevation, slopes.steepness, pixel, incidence, "held_out")
        self.elevation, self.mean_coherence = elevation[0], value[0].clamp(0.02, 0.98)
        self.rate, self.owner = self._slides(slopes, ~water)
        count = math.ceil(options.interferograms / LINKS) + LINKS - 1
        dates = [FIRST_DATE + timedelta(options.repeat_days * index) for index in range(count)]
        self.dates = dates
        longest = LINKS * options.repeat_days
        pairs = network([float((day - dates[0]).days) for day in dates], longest, LINKS)
        self.pairs = pairs[: options.interferograms]
        self._air = torch.cat([AIR * turbulence(draw, 1, side, side, coarse=COARSE) for _ in range(FIELDS)])

    def coherence_after(self, days: int) -> Tensor:
        """Coherence (rows, cols) of an interferogram over so many days."""
        return self.mean_coherence * math.exp(-days / FADING)

    def interferograms(self) -> Iterator[Interferogram]:
        """Every interferogram, made when it is asked for."""
        scale = phase_per_mm(WAVELENGTH)
        years = self.options.repeat_days / 365.25
        for first, second in self.pairs:
            moved = self.rate * ((second - first) * years) - (self._air_of(second) - self._air_of(first))
            pair = Interferogram(self.dates[first], self.dates[second], torch.empty(0))
            value = self.coherence_after(pair.days)
            noise = torch.sqrt((1 - value.square()) / (2 * self.options.looks))
            real = value * torch.cos(scale * moved) + noise * self._draw.normal(*moved.shape)
            imaginary = value * torch.sin(scale * moved) + noise * self._draw.normal(*moved.shape)
            pair.phase = torch.atan2(imaginary, real)
            yield pair

    def _air_of(self, index: int) -> Tensor:
        """Delay (rows, cols) mm of a date: one of the fields, turned and flipped its own way."""
        field, way = self._air[index % FIELDS], (index // FIELDS) % TURNS
        turned = torch.rot90(field, way % 4)
        return turned.flip(0) if way >= 4 else turned

    def _slides(self, slopes: Slopes, allowed: Tensor) -> tuple[Tensor, Tensor]:
        """Rate and owner: at most one landslide in each block."""
        side = self.options.side
        rate, owner = torch.zeros(side, side), torch.zeros(side, side, dtype=torch.int32)
        number = 0
        for row in range(0, side - side % BLOCK or side, BLOCK):
            for column in range(0, side - side % BLOCK or side, BLOCK):
                part = (slice(None), slice(row, row + BLOCK), slice(column, column + BLOCK))
                if float(self._draw.uniform(1)) > SLIDE_SHARE:
                    continue
                block = Slopes(slopes.east[part], slopes.north[part], slopes.sensitivity[part])
                pixel = torch.full((1,), self.options.pixel)
                made = slide(self._draw, block, pixel, allowed[part], torch.ones(1, dtype=torch.long), "held_out")
                if bool((made.owner > 0).any()):
                    number += 1
                    rate[part[1:]] = made.rate[0]
                    owner[part[1:]] = number * (made.owner[0] > 0).int()
        return rate, owner
