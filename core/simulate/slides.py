"""Landslides of a gradient scene: where slopes allow them, bodies of varied shape that move down the surface.

The motion is that of `deformation.landslide`: along the steepest descent of the smoothed surface. Its sides vary:
super-ellipses bent by a random field for training; tongues, ragged outlines and bodies of two blocks for the held-out
family.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .draw import Draw, per_pixel
from .fields import box_mean, power_law

SMOOTHING = 9  # pixels over which the slope is taken, since a body does not follow each hummock
ALIGNED, KEENNESS = 0.35, 8.0  # a body ends where the slope turns from its way: cosine, and how sharply
STEEP, CLIFF = math.tan(math.radians(12.0)), math.tan(math.radians(42.0))  # rise over run where slides begin and end
MOST = 10  # slides per scene; some find no place
LENGTH = (100.0, 1500.0)  # m down the slope
SLIMNESS = (0.35, 1.3)  # width over length
LEAST_LENGTH, LEAST_WIDTH = 8.0, 6.0  # pixels; what is smaller is no more than one step of the gradient
LARGEST = 0.6  # of the side of the scene
SPEED = (10.0, 300.0)  # mm per year down the slope
EDGE = 0.12  # share of the speed at which a body ends
MARGIN = 5  # pixels from the border where no slide has its middle
BENT = 0.25  # deviation by which outlines are bent, in half-widths
BENDS = 4  # random fields per scene that bend them, two for each slide


@dataclass
class Slopes:
    """Surface that bodies follow: all (batch, rows, cols)."""

    east: Tensor  # rise per metre
    north: Tensor
    sensitivity: Tensor  # displacement toward the satellite per unit of motion down the surface, -1 to 1

    @property
    def steepness(self) -> Tensor:
        """Rise over run."""
        return torch.hypot(self.east, self.north)


@dataclass
class Slides:
    """The landslides of each scene."""

    rate: Tensor  # (batch, rows, cols) mm per year toward the satellite
    owner: Tensor  # (batch, rows, cols) int64: 0 none, else 1 + number of the slide
    speed: Tensor  # (batch, MOST) mm per year down the slope; 0 where there is no such slide
    sensitivity: Tensor  # (batch, MOST) mean over the body
    azimuth: Tensor  # (batch, MOST) rad clockwise from north, of the way down


def surface(elevation: Tensor, pixel: Tensor, look: Tensor) -> Slopes:
    """Slopes of elevation (batch, rows, cols) m, rows going south; look (batch, 3) points to the satellite."""
    smooth = box_mean(elevation, SMOOTHING, times=2)
    south, east = torch.gradient(smooth, dim=(1, 2))
    east, north = east / per_pixel(pixel), -south / per_pixel(pixel)
    local = torch.hypot(east, north).clamp_min(1e-6)
    flat = 1.0 / torch.sqrt(1.0 + local.square())
    seen_e, seen_n, seen_u = (per_pixel(look[:, axis]) for axis in range(3))
    sensitivity = -flat * ((east * seen_e + north * seen_n) / local + local * seen_u)
    return Slopes(east, north, sensitivity)


def slide(draw: Draw, slopes: Slopes, pixel: Tensor, allowed: Tensor, count: Tensor, family: str) -> Slides:
    """Draws up to `count` (batch,) slides in each scene where the ground is `allowed` (bool) and steep enough."""
    batch, rows, cols = slopes.east.shape
    owner = torch.zeros(batch, rows, cols, dtype=torch.long)
    motion = torch.zeros(batch, rows, cols)
    speed, sensitivity = torch.zeros(batch, MOST), torch.zeros(batch, MOST)
    azimuth = torch.zeros(batch, MOST)
    steep = slopes.steepness
    free = allowed & (steep > STEEP) & (steep < CLIFF)
    free &= _inner(rows, cols)
    bends = power_law(draw, rows, cols, draw.uniform(BENDS * batch, low=2.2, high=3.0), periodicity=1.25)
    bends = bends.view(BENDS, batch, rows, cols)
    for number in range(MOST):
        place, found = _place(draw, free)
        pair = bends[[number % BENDS, (number + 1) % BENDS]]
        body = _body(draw, _axes(draw, slopes, pixel, place), pair - _at(pair, place), family)
        body = body * _alignment(slopes, place)
        wanted = found & (count > number) & ~((body > EDGE) & (owner > 0)).flatten(1).any(1)
        wanted &= (steep * body).flatten(1).sum(1) > STEEP * body.flatten(1).sum(1)  # on the whole, not at one place
        body = body * per_pixel(wanted)
        inside = body > EDGE
        pace = draw.log_uniform(batch, low=SPEED[0], high=SPEED[1])
        motion += per_pixel(pace) * body
        owner[inside] = number + 1
        speed[:, number] = pace * wanted
        weight = body.flatten(1).sum(1).clamp_min(1e-6)
        sensitivity[:, number] = (slopes.sensitivity * body).flatten(1).sum(1) / weight
        azimuth[:, number] = _downward(slopes, place)
        free &= ~inside
    return Slides(motion * slopes.sensitivity, owner, speed, sensitivity, azimuth)


def _inner(rows: int, cols: int) -> Tensor:
    inner = torch.zeros(1, rows, cols, dtype=torch.bool)
    inner[:, MARGIN:-MARGIN, MARGIN:-MARGIN] = True
    return inner


def _place(draw: Draw, free: Tensor) -> tuple[tuple[Tensor, Tensor, Tensor], Tensor]:
    """A random free pixel of each scene as index (scene, row, column), and whether there is one."""
    flat = free.flatten(1)
    chosen = (flat * draw.uniform(*flat.shape)).argmax(1)
    cols = free.shape[2]
    scene = torch.arange(len(free))
    return (scene, chosen // cols, chosen % cols), flat.any(1)


def _alignment(slopes: Slopes, place: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """1 where the slope falls the same way as at the place, 0 beyond ridges and valley floors."""
    azimuth = _downward(slopes, place)
    down = -slopes.east * per_pixel(torch.sin(azimuth)) - slopes.north * per_pixel(torch.cos(azimuth))
    return torch.sigmoid((down / slopes.steepness.clamp_min(0.03) - ALIGNED) * KEENNESS)


def _downward(slopes: Slopes, place: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    return torch.atan2(-slopes.east[place], -slopes.north[place])


def _at(pair: Tensor, place: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    return torch.stack([field[place] for field in pair])[:, :, None, None]


@dataclass
class _Axes:
    along: Tensor  # (batch, rows, cols) half-lengths down the slope
    across: Tensor  # half-widths
    longest: Tensor  # (batch,) share of the scene's side


def _body(draw: Draw, axes: _Axes, bend: Tensor, family: str) -> Tensor:
    """Share of the speed (batch, rows, cols), 0 to 1; bend (2, batch, rows, cols) is zero in the middle of the body."""
    batch = len(axes.longest)
    # A field varies less over a small body than over a large one.
    strength = BENT * per_pixel(draw.uniform(batch)) / per_pixel(axes.longest.clamp(0.02, 1.0)).sqrt()
    u, v = axes.along + strength * bend[0], axes.across + strength * bend[1]
    if family != "train":
        return _other_body(draw, u, v, bend[0] * strength * 3.0)
    power = per_pixel(draw.log_uniform(batch, low=1.8, high=6.0))
    body = 1.0 - u.abs().clamp_min(1e-4).pow(power) - v.abs().clamp_min(1e-4).pow(power)
    profile = 1.0 + per_pixel(draw.uniform(batch, low=-0.5, high=0.5)) * u
    sharpness = per_pixel(draw.uniform(batch, low=0.5, high=1.5))
    return (body.clamp_min(0.0).pow(sharpness) * profile).clamp(0.0, 1.0)


def _axes(draw: Draw, slopes: Slopes, pixel: Tensor, place: tuple[Tensor, Tensor, Tensor]) -> _Axes:
    """Coordinates of a body of random length and width around a place."""
    batch, rows, cols = slopes.east.shape
    most = LARGEST * min(rows, cols)
    length = (draw.log_uniform(batch, low=LENGTH[0], high=LENGTH[1]) / pixel).clamp(LEAST_LENGTH, most)
    slim = draw.log_uniform(batch, low=SLIMNESS[0], high=SLIMNESS[1])
    width = (length * slim).clamp(LEAST_WIDTH, most)
    azimuth = _downward(slopes, place) + 0.2 * draw.normal(batch)
    y = torch.arange(rows)[None, :, None] - per_pixel(place[1])
    x = torch.arange(cols)[None, None, :] - per_pixel(place[2])
    down_x, down_y = per_pixel(torch.sin(azimuth)), -per_pixel(torch.cos(azimuth))
    along = (x * down_x + y * down_y) / per_pixel(length / 2)
    across = (y * down_x - x * down_y) / per_pixel(width / 2)
    return _Axes(along, across, torch.maximum(length, width) / min(rows, cols))


def _other_body(draw: Draw, u: Tensor, v: Tensor, ragged: Tensor) -> Tensor:
    """Bodies of the held-out family: tongues that widen downward, ragged ellipses, two blocks of different speed."""
    batch = len(u)
    half = (0.45 + 0.55 * torch.sin(((u + 1.0) * 0.5).clamp(0.0, 1.0) * math.pi / 2)).clamp_min(0.1)
    toward_end = (1.0 - u.square()).clamp_min(0.0).sqrt()
    tongue = (1.0 - (v / half).square()).clamp_min(0.0) * toward_end
    tongue = torch.tanh(2.5 * tongue)
    ellipse = torch.tanh(2.5 * (1.0 - u.square() - v.square() + 0.4 * ragged).clamp_min(0.0))
    ellipse = ellipse * (u.square() + v.square() < 2.5)
    split = per_pixel(draw.uniform(batch, low=-0.3, high=0.3))
    slower = per_pixel(draw.uniform(batch, low=0.35, high=0.8))
    block = (1.0 - u.abs().pow(3.0) - v.abs().pow(3.0)).clamp_min(0.0).pow(0.7)
    blocks = block * torch.where(u < split, slower, torch.ones_like(u))
    kind = per_pixel(draw.integers(batch, high=3))
    body = torch.where(kind == 0, tongue, torch.where(kind == 1, ellipse, blocks))
    return body.clamp(0.0, 1.0)
