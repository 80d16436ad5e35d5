"""Held-out interferograms of 10 km with troughs in them, and without: other shapes, air, landscapes and hills."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from scipy.special import erf

from ...phase.wrap import CYCLE
from ...simulate.atmosphere import perlin, ramp, stratified, turbulence
from ...simulate.deformation import okada
from ...simulate.draw import Draw
from ...simulate.pair import estimate_coherence, multilook_pair
from ...simulate.scene import Scene, SceneOptions, simulate
from ...simulate.terrain import TerrainSource, find_terrain

SIDE, PIXEL = 512, 0.02  # pixels; km
SEED = 31_415
LOOKS, LOOKS_WEIGHTS = (1.0, 3.0, 4.0, 6.0, 10.0, 20.0), (1.0, 2.0, 4.0, 2.0, 2.0, 1.0)
WINDOW = 5.0  # of the coherence estimate
MOST_TROUGHS = 4
PEAK = (math.pi, 80.0)  # rad; half a fringe and more
STEEPEST = 5.5  # rad per pixel
OUTLINE, VISIBLE = 0.1, 0.8  # of the peak, rad: what moved more than both belongs to a trough
KNOWN_SHARE = 0.5  # of a trough that must be coherent for anybody to see its outline
LEAST_PIXELS = 25
APART = 30  # pixels between two troughs, or else they are one
AIR = (0.1, 1.0)  # rad over a scene
LAYERED, ORBIT = 0.5, (0.001, 0.1)  # rad over the relief; rad per pixel
QUIET, BROAD, QUAKE = "air and hills alone", "with a bowl of 6 to 12 km", "with an earthquake"
BACKGROUNDS = (QUIET, QUIET, BROAD, QUAKE)

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]


@dataclass(frozen=True)
class Trough:
    """One trough that is there to be found."""

    mask: Bool
    shape: str
    peak: float  # rad
    slope: float  # rad per pixel


@dataclass(frozen=True)
class TroughScene:
    """A noisy interferogram with what is in it (rows, columns)."""

    wrapped: Float  # rad, 0 where not valid
    coherence: Float  # estimated
    valid: Bool
    troughs: list[Trough]
    ignored: Bool  # moved, but too little or unseen: a detection there counts neither way
    background: str
    empty: bool  # whether it was made without troughs

    @property
    def area(self) -> float:
        """Square kilometres."""
        return (SIDE * PIXEL) ** 2

    def without_rasters(self) -> TroughScene:
        """What remains to be known of it once it is judged."""
        none, nowhere = np.zeros((0, 0), np.float32), np.zeros((0, 0), bool)
        bare = [replace(trough, mask=nowhere) for trough in self.troughs]
        return replace(self, wrapped=none, coherence=none, valid=nowhere, troughs=bare, ignored=nowhere)


def mine(rng: np.random.Generator, x: Float, y: Float) -> Float:
    """Trough of a rectangular mine (Knothe 1957) in a slanted view."""
    reach = float(np.exp(rng.uniform(math.log(4.0), math.log(28.0))))
    half = reach * np.exp(rng.uniform(math.log(0.5), math.log(2.5), 2))

    def profile(along: Float, side: float) -> Float:
        scale = math.sqrt(math.pi) / reach
        return np.asarray(0.5 * (erf(scale * (along + side)) - erf(scale * (along - side))))

    bowl = profile(x, half[0]) * profile(y, half[1])
    return np.asarray(bowl + rng.uniform(-0.2, 0.2) * reach * np.gradient(bowl, axis=1))


def crack(rng: np.random.Generator, x: Float, y: Float) -> Float:
    """Trough over a flat crack that closes in an elastic half-space (Okada 1985)."""
    depth = float(np.exp(rng.uniform(math.log(5.0), math.log(30.0))))
    size, dip = depth * rng.uniform(1.0, 3.0, 2), rng.uniform(0, 15)
    one = [torch.tensor([float(v)]) for v in (0, 0, depth, 0, dip, *size, 0, 0, -1)]
    right, above = (torch.as_tensor(np.ascontiguousarray(plane), dtype=torch.float32)[None] for plane in (x, y))
    east, north, up = (part[0].numpy() for part in okada.displacement(okada.Fault(*one), right, above))
    look = rng.uniform(0, 2 * np.pi)
    return np.asarray(0.8 * up + 0.6 * (east * np.cos(look) + north * np.sin(look)))


def basin(rng: np.random.Generator, x: Float, y: Float) -> Float:
    """Bowl of compacting ground or over a cavern, from pointed to flat-bottomed."""
    radius = float(np.exp(rng.uniform(math.log(6.0), math.log(60.0))))
    distance = np.hypot(x, y * rng.uniform(1.0, 2.2)) / radius
    return np.asarray(np.exp(-(distance ** rng.uniform(1.5, 4.0))))


SHAPES = {"mine": mine, "crack": crack, "basin": basin}
SHAPE_WEIGHTS = (0.45, 0.2, 0.35)


def _placed(rng: np.random.Generator, centre: NDArray[np.float64]) -> tuple[str, Float]:
    """A trough of any shape around a centre (row, column), rad."""
    name = str(rng.choice(list(SHAPES), p=SHAPE_WEIGHTS))
    y, x = np.mgrid[:SIDE, :SIDE] - centre[:, None, None]
    turn = rng.uniform(0, 2 * np.pi)
    field = SHAPES[name](rng, x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn))
    field = field / np.abs(field).max()
    slope = np.hypot(*np.gradient(field)).max()
    peak = min(np.exp(rng.uniform(math.log(PEAK[0]), math.log(PEAK[1]))), STEEPEST / slope)
    return name, np.asarray(rng.choice((-1.0, 1.0)) * peak * field, np.float32)


def _troughs(rng: np.random.Generator, lost: Bool) -> tuple[list[Trough], Float, Bool]:
    """What is to be found, how everything moves (rad), and where it moves without being asked for."""
    total, ignored = np.zeros((SIDE, SIDE), np.float32), np.zeros((SIDE, SIDE), bool)
    near: Bool = np.zeros((SIDE, SIDE), bool)
    found: list[Trough] = []
    for _ in range(int(rng.integers(1, MOST_TROUGHS + 1))):
        name, field = _placed(rng, rng.uniform(0.1, 0.9, 2) * SIDE)
        size = np.abs(field)
        peak = float(size.max())
        inside = size > max(OUTLINE * peak, VISIBLE)
        if (inside & near).any():
            continue
        near |= ndimage.maximum_filter(inside, 2 * APART + 1)
        total += field
        if peak < PEAK[0] or inside.sum() < LEAST_PIXELS or (inside & ~lost).sum() < KNOWN_SHARE * inside.sum():
            ignored |= inside
        else:
            found.append(Trough(inside, name, peak, float(np.hypot(*np.gradient(field)).max())))
    return found, total, ignored


def _background(draw: Draw, rng: np.random.Generator, scene: Scene, kind: str) -> Float:
    """Air, orbits, errors of the elevation model, and movement that is no trough; rad."""
    air = perlin(draw, 1, SIDE, SIDE, 5, 2) if rng.random() < 0.5 else turbulence(draw, 1, SIDE, SIDE, coarse=2)
    phase = air[0].numpy() * np.exp(rng.uniform(math.log(AIR[0]), math.log(AIR[1])))
    phase = phase + stratified(scene.elevation)[0].numpy() * rng.normal(0, LAYERED)
    phase = phase + 0.5 * scene.topographic_phase[0].numpy()
    rate = torch.tensor([math.exp(rng.uniform(math.log(ORBIT[0]), math.log(ORBIT[1])))])
    phase = phase + ramp(draw, rate, SIDE, SIDE)[0].numpy()
    y, x = np.mgrid[:SIDE, :SIDE] - rng.uniform(0, SIDE, 2)[:, None, None]
    if kind == BROAD:
        phase = phase + rng.uniform(4, 40) * np.exp(-(x**2 + y**2) / (2 * rng.uniform(150, 300) ** 2))
    if kind == QUAKE:
        phase = phase + _quake(rng, x, y)
    return np.asarray(phase, np.float32)


def _quake(rng: np.random.Generator, x: Float, y: Float) -> Float:
    """Line-of-sight phase of a buried fault larger than the scene's half, rad."""
    length, dip = rng.uniform(250, 500), rng.uniform(30, 89)
    top, width = rng.uniform(60, 150), rng.uniform(150, 300)
    depth = top + width / 2 * math.sin(math.radians(dip))
    values = (0, 0, depth, rng.uniform(0, 360), dip, length, width, 1, rng.uniform(-180, 180), 0)
    one = [torch.tensor([float(v)]) for v in values]
    right, above = (torch.as_tensor(np.ascontiguousarray(plane), dtype=torch.float32)[None] for plane in (x, -y))
    east, north, up = (part[0].numpy() for part in okada.displacement(okada.Fault(*one), right, above))
    field = 0.78 * up + 0.61 * east - 0.1 * north
    return np.asarray(field / np.abs(field).max() * rng.uniform(6, 40))


def scenes(count: int, *, empty: bool) -> Iterator[TroughScene]:
    """So many scenes, always the same; half of the empty ones hold movement that is no trough."""
    terrain = find_terrain("validation")
    for index in range(count):
        kind = BACKGROUNDS[index % len(BACKGROUNDS)] if empty else QUIET
        yield _scene(SEED + 2 * index + int(empty), kind, terrain, empty)


def _scene(seed: int, kind: str, terrain: TerrainSource | None, empty: bool) -> TroughScene:  # noqa: FBT001
    rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    options = SceneOptions(
        1, SIDE, SIDE, "held_out", LOOKS, LOOKS_WEIGHTS, flattened_share=1.0, filtered_share=0.0, geocoded_share=0.0
    )
    scene = simulate(options, generator, "cpu", terrain)
    draw = Draw(generator)
    valid = scene.valid[0].numpy()
    lost = scene.decorrelated[0].numpy() | ~valid
    troughs, moved, ignored = _troughs(rng, lost) if not empty else ([], np.float32(0), np.zeros((SIDE, SIDE), bool))
    phase = _background(draw, rng, scene, kind) + moved
    fall = rng.random() * np.hypot(*np.gradient(phase)) / CYCLE  # Zebker and Villasenor (1992)
    level = scene.true_coherence[0].numpy() * np.maximum(1.0 - fall, 0.02)
    planes = (torch.as_tensor(np.asarray(plane, np.float32))[None] for plane in (phase, level))
    phase_t, level_t = planes
    power = torch.ones_like(phase_t)
    cross, first, second = multilook_pair(draw, phase_t, level_t, power, scene.looks.round(), torch.tensor([1.1]))
    estimate = estimate_coherence(cross, first, second, torch.tensor([WINDOW]), torch.zeros_like(phase_t))
    wrapped = np.where(valid, cross.angle()[0].numpy(), 0).astype(np.float32)
    return TroughScene(wrapped, estimate[0].numpy(), valid, troughs, ignored, kind, empty)
