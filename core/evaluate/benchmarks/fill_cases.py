"""The gaps that filling is compared on: validation terrain, nothing of which is trained on."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ...simulate.atmosphere import ramp, turbulence
from ...simulate.deformation import mogi
from ...simulate.draw import Draw, per_pixel
from ...simulate.fields import coordinates, power_law
from ...simulate.gapped import RAD_PER_METRE, Gapless, differential, noisy, topographic
from ...simulate.gaps import blobs, random_pixels
from ...simulate.scene import SceneOptions, simulate
from ...simulate.terrain import TerrainSource

SIDE = 256
SEED = 31_337
SHARE = 0.5  # of the pixels are gaps
FINE, COARSE = 28.0, 90.0  # m
HIGHEST = "karakoram"
DEM_ERROR = 6.0  # m, standard deviation: nine tenths of SRTM's heights are within 10 m of the truth
SIGHT = (0.6, -0.1, 0.79)  # line of sight to a satellite: east, north, up
COHERENCE, LOOKS = 0.6, 9.0  # of the differential reference
Make = Callable[[Draw, TerrainSource | None, int], "Sample"]


@dataclass
class Sample:
    """Phase with gaps; (batch, rows, cols)."""

    truth: Tensor  # rad, without noise
    observed: Tensor  # complex64 of length 1; what stands in gaps is not to be looked at
    gap: Tensor  # bool
    coherence: Tensor | None = None
    predicted: Tensor | None = None  # topographic phase of an elevation model, rad
    scored: Tensor | None = None  # gap pixels that count; all where None

    def part(self, start: int, stop: int) -> Sample:
        """Some of the samples."""
        fields = (self.truth, self.observed, self.gap, self.coherence, self.predicted, self.scored)
        return Sample(*(None if f is None else f[start:stop] for f in fields))  # type: ignore[arg-type]

    @property
    def where(self) -> Tensor:
        """Gap pixels that count."""
        return self.gap if self.scored is None else self.gap & self.scored


@dataclass(frozen=True)
class Case:
    """One row of a table: how many samples of what."""

    group: str
    name: str
    count: int
    make: Make

    def draw(self, terrain: TerrainSource | None) -> Sample:
        """The samples; always the same."""
        seed = SEED * 1000 + sum(map(ord, self.group + self.name))
        return self.make(Draw(torch.Generator().manual_seed(seed)), terrain, self.count)


def all_cases(count: int) -> list[Case]:
    """Every case, with about so many samples each."""
    cases = [Case("paper", "single pixels", count, _paper(0.0))]
    cases += [Case("paper", f"blobs of {sigma:g} pixels", count, _paper(sigma)) for sigma in (2.0, 5.0)]
    cases += [Case("topographic", f"{sigma:g}", count, _topography(FINE, sigma)) for sigma in (2.0, 5.0, 10.0)]
    cases += [Case("aliased", "without TOPOGRAPHIC_PHASE", count // 2, _aliased(known=False))]
    cases += [Case("aliased", "with TOPOGRAPHIC_PHASE", count // 2, _aliased(known=True))]
    cases += [Case("differential", f"{sigma:g}", count, _reference(sigma)) for sigma in (2.0, 5.0, 10.0)]
    cases += [Case("differential", "5, coherence 0.3 to 0.95, 1 to 20 looks", count, _varied)]
    return [*cases, Case("differential", "decorrelated areas", count, _decorrelated)]


def gaps(draw: Draw, batch: int, sigma: float) -> Tensor:
    """Half of the pixels: blobs of this size, or single pixels where it is 0."""
    half = torch.full((batch,), SHARE)
    if not sigma:
        return random_pixels(draw, SIDE, SIDE, half)
    return blobs(draw, SIDE, SIDE, torch.full((batch,), sigma), half)


def _spread_over(terrain: TerrainSource | None, names: tuple[str, ...] | None = None) -> list[TerrainSource | None]:
    """A source for each tile, so that every tile counts alike."""
    if terrain is None:
        return [None]
    sources: list[TerrainSource | None] = []
    for tile in terrain.tiles:
        if names is None or tile.name.startswith(names):
            source = copy(terrain)
            source.tiles = [tile]
            sources.append(source)
    return sources


def _on_each_tile(
    draw: Draw, terrain: TerrainSource | None, count: int, pixel: float, names: tuple[str, ...] | None = None
) -> Gapless:
    sources = _spread_over(terrain, names)
    share = -(-count // len(sources))
    one = torch.ones(share)
    parts = [topographic(draw, source, SIDE, SIDE, pixel * one, one, rough=False) for source in sources]
    truth, observed = (
        torch.stack([getattr(part, name) for part in parts], 1).flatten(0, 1)[:count]
        for name in ("unwrapped", "observed")
    )
    return Gapless(truth, observed, torch.ones_like(truth), truth)


def _paper(sigma: float) -> Make:
    def make(draw: Draw, terrain: TerrainSource | None, count: int) -> Sample:
        phase = _on_each_tile(draw, terrain, count, COARSE)
        return Sample(phase.unwrapped, phase.observed, gaps(draw, count, sigma))

    return make


def _topography(pixel: float, sigma: float) -> Make:
    def make(draw: Draw, terrain: TerrainSource | None, count: int) -> Sample:
        phase = _on_each_tile(draw, terrain, count, pixel)
        return Sample(phase.unwrapped, phase.observed, gaps(draw, count, sigma))

    return make


def _aliased(*, known: bool) -> Make:
    def make(draw: Draw, terrain: TerrainSource | None, count: int) -> Sample:
        phase = _on_each_tile(draw, terrain, count, COARSE, (HIGHEST,))
        error = power_law(draw, SIDE, SIDE, draw.uniform(count, low=1.0, high=2.0)) * DEM_ERROR * RAD_PER_METRE
        predicted = phase.unwrapped + error if known else None
        return Sample(phase.unwrapped, phase.observed, gaps(draw, count, 5.0), predicted=predicted)

    return make


def _reference(sigma: float) -> Make:
    def make(draw: Draw, _: TerrainSource | None, count: int) -> Sample:
        y, x = coordinates(SIDE, SIDE, draw.device)
        depth = draw.uniform(count, low=1500.0, high=4000.0)
        pixel = per_pixel(draw.uniform(count, low=40.0, high=90.0))
        east, north = x * pixel, y * pixel
        place = draw.uniform(2, count, low=-60.0, high=60.0)
        east, north = east - per_pixel(place[0]) * pixel, north - per_pixel(place[1]) * pixel
        parts = mogi.displacement(torch.ones(count), depth, east, north)
        moved = torch.einsum("s,sbrc->brc", torch.tensor(SIGHT), torch.stack(parts))
        peak = draw.uniform(count, low=5.0, high=25.0)
        moved = moved / moved.abs().amax((1, 2), keepdim=True) * per_pixel(peak)
        air = turbulence(draw, count, SIDE, SIDE) * per_pixel(draw.uniform(count, low=0.8, high=1.6))
        phase = moved + air + ramp(draw, draw.uniform(count, high=0.03), SIDE, SIDE)
        constant = torch.full_like(phase, COHERENCE)
        observed, estimate = noisy(draw, phase, constant, torch.full((count,), LOOKS), torch.ones(count))
        return Sample(phase, observed, gaps(draw, count, sigma), estimate)

    return make


def _varied(draw: Draw, terrain: TerrainSource | None, count: int) -> Sample:
    phase = differential(draw, terrain, count, SIDE, SIDE)
    return Sample(phase.unwrapped, phase.observed, gaps(draw, count, 5.0), phase.coherence)


def _decorrelated(draw: Draw, terrain: TerrainSource | None, count: int) -> Sample:
    """Scenes of the simulator's held-out family, whose decorrelated areas are the gaps."""
    plain = SceneOptions(batch=count, rows=SIDE, cols=SIDE, family="held_out", flattened_share=1.0)
    options = replace(plain, looks=(4.0, 10.0), looks_weights=(1.0, 1.0))
    scene = simulate(options, draw.generator, draw.device, terrain)
    observed = torch.polar(torch.ones_like(scene.wrapped), scene.wrapped)
    gap = scene.decorrelated | ~scene.valid
    return Sample(scene.unwrapped, observed, gap, scene.coherence_estimate, scored=scene.valid)
