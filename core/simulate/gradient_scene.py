"""Simulated stacks of phase gradients, drawn in the statistics of a stack: no interferogram is ever formed.

A stack is the mean of complex products of pixels `step` before and after, over many interferograms. Its expectation
follows from the rates of the ground, the mean of the atmospheres of its dates, and the coherence; its scatter from
coherence, looks and number of interferograms. `tests/core/simulate/test_gradient_scene.py` compares with real stacks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .atmosphere import perlin, stratified, turbulence
from .draw import Draw, per_pixel
from .fields import box_mean, power_law
from .geometry import line_of_sight, phase_per_mm, topographic_factor
from .gradient_ground import coherence, distractors, scattered
from .phase_noise import phase_deviation
from .slides import MOST, Slides, Slopes, slide, surface
from .terrain import TerrainSource, add_roughness, make_elevation

PIXEL = (15.0, 40.0)  # m
INTERFEROGRAMS = (10.0, 350.0)
STEPS = (2.0, 3.0, 3.0, 3.0, 3.0, 4.0, 5.0)
REPEAT_DAYS = (6.0, 12.0, 12.0, 12.0, 24.0)
WAVELENGTHS, WAVELENGTH_WEIGHTS = (0.0555, 0.0311, 0.2362), (6.0, 1.0, 1.0)
LINKS = 3  # later dates that each date is paired with
DATES = 130  # most of them
DAYS_PER_YEAR = 365.25
DECORRELATED = math.pi / math.sqrt(3.0)  # rad, deviation of a phase of which nothing is known
CLEAR = 8.0  # signal to noise of a whole slide above which it counts as observable
SEEN_SHARE = 0.5  # of a slide's pixels must be coherent enough and inside


@dataclass(frozen=True)
class GradientOptions:
    """What to draw: `family` is "train" or "held_out"; None leaves a number to chance."""

    batch: int = 8
    rows: int = 160
    cols: int = 160
    family: str = "train"
    interferograms: float | None = None
    pixel: float | None = None
    step: int | None = None
    wavelength: float | None = None


@dataclass
class GradientScene:
    """A batch of stacks with their truth; (batch, rows, cols) where nothing else is said."""

    gradient: Tensor  # (batch, 2, rows, cols) rad per year per pixel, along columns and rows; 0 where invalid
    coherence: Tensor  # of the stack, 0 to 1
    valid: Tensor  # bool
    elevation: Tensor  # m
    look: Tensor  # (batch, 3) east, north, up to the satellite
    pixel: Tensor  # (batch,) m
    step: int
    count: Tensor  # (batch,) interferograms
    rate: Tensor  # mm per year toward the satellite, of everything that moves
    slides: Slides
    snr: Tensor  # (batch, MOST) root of the summed squares of gradient over noise of each slide
    coherent: Tensor  # (batch, MOST) share of each slide's pixels that are valid and not decorrelated
    observable: Tensor  # (batch, MOST) bool: slides that the stack shows; the others are neither right nor wrong


def simulate(
    options: GradientOptions, generator: torch.Generator, terrain: TerrainSource | None = None
) -> GradientScene:
    """Draws a batch of scenes."""
    draw = Draw(generator)
    batch, rows, cols = options.batch, options.rows, options.cols
    pixel = _given(draw, options.pixel, batch, PIXEL)
    elevation = make_elevation(draw, rows, cols, pixel, terrain) * per_pixel(draw.log_uniform(batch, low=1.0, high=2.0))
    elevation = add_roughness(draw, elevation, pixel)
    incidence = draw.uniform(batch, low=math.radians(28.0), high=math.radians(46.0))
    look = _look(draw, incidence)
    slopes = surface(elevation, pixel, look)
    facing_east = look[:, 0] < 0  # range increases eastward: the satellite stands in the west
    value, spared, water = _turned(
        facing_east, lambda e, s: coherence(draw, e, s, pixel, incidence, options.family), elevation, slopes.steepness
    )
    other, taken = distractors(draw, slopes.steepness, pixel, options.family)
    count = draw.integers(batch, high=MOST + 3)
    slides = slide(draw, slopes, pixel, ~(water | taken), count, options.family)
    value = value * torch.where(slides.owner > 0, per_pixel(draw.uniform(batch, low=0.6, high=1.0)), 1.0)
    stack = _Stack(draw, options)
    return _observe(draw, stack, _Ground(elevation, slopes, slides, other, value, spared, look, pixel, incidence))


@dataclass
class _Ground:
    elevation: Tensor
    slopes: Slopes
    slides: Slides
    other: Tensor
    coherence: Tensor
    spared: Tensor
    look: Tensor
    pixel: Tensor
    incidence: Tensor


class _Stack:
    """The network of interferograms of each scene: how many, over how long, and how far its dates cancel.

    A rate is the weighted least-squares line through the origin, sum T g / sum T^2 over interferograms of T years, as
    in `core.phase.gradient_stack`.
    """

    def __init__(self, draw: Draw, options: GradientOptions) -> None:
        batch = options.batch
        self.family = options.family
        wanted = _given(draw, options.interferograms, batch, INTERFEROGRAMS)
        drawn = draw.pick(WAVELENGTHS, batch, weights=WAVELENGTH_WEIGHTS)
        self.wavelength = drawn if options.wavelength is None else torch.full((batch,), options.wavelength)
        self.looks = draw.log_uniform(batch, low=3.0, high=50.0)
        self.step = options.step or int(draw.pick(STEPS, 1))
        years = draw.pick(REPEAT_DAYS, batch) / DAYS_PER_YEAR
        kept = draw.uniform(batch, low=0.6, high=1.0)  # of the pairs; the rest was lost
        dates = (wanted / kept / LINKS + 2.0).round().clamp(LINKS + 2, DATES)
        place = torch.arange(DATES)[None, :]
        role = torch.zeros(batch, DATES)  # what a date counts where it comes second, less where it comes first
        count, squares = torch.zeros(batch), torch.zeros(batch)
        for link in range(1, LINKS + 1):
            there = draw.chance(kept[:, None], batch, DATES) & (place + link < dates[:, None])
            span = (link * years)[:, None] * there
            role -= span
            role[:, link:] += span[:, :-link]
            count += there.sum(1)
            squares += span.square().sum(1)
        self.count = count.clamp_min(1.0)
        self.role = role / squares.clamp_min(1e-9)[:, None]  # per year
        self.years = (squares / self.count).sqrt().clamp_min(1e-3)  # span of one interferogram as good as their mean
        self.radians = phase_per_mm(self.wavelength)

    def remains(self, draw: Draw, deviation: Tensor) -> Tensor:
        """Rate, per year, that is left of something that each date has anew with this deviation (batch,)."""
        return (self.role * draw.normal(*self.role.shape)).sum(1) * deviation


def _given(draw: Draw, value: float | None, batch: int, span: tuple[float, float]) -> Tensor:
    return torch.full((batch,), value) if value is not None else draw.log_uniform(batch, low=span[0], high=span[1])


def _look(draw: Draw, incidence: Tensor) -> Tensor:
    """Unit vectors to satellites that fly near the poles, looking right."""
    headings = torch.where(draw.chance(0.5, len(incidence)), -12.0, -168.0) + 4.0 * draw.normal(len(incidence))
    pairs = zip(headings.tolist(), incidence.tolist(), strict=True)
    return torch.tensor([line_of_sight(heading, math.degrees(angle)) for heading, angle in pairs])


def _turned(facing_east: Tensor, make, *fields: Tensor) -> tuple[Tensor, ...]:  # type: ignore[no-untyped-def]
    """Calls `make` with fields whose columns run away from the radar, and turns its answers back."""
    east = per_pixel(facing_east)
    made = make(*(torch.where(east, field, field.flip(2)) for field in fields))
    return tuple(torch.where(east, field, field.flip(2)) for field in made)


def difference(field: Tensor, step: int) -> Tensor:
    """Change of a field (batch, rows, cols) from `step` before to `step` after, along columns and rows (batch, 2, …).

    At the borders the field goes on as at its edge.
    """
    (left, right), (above, below) = _ends(field, step)
    return torch.stack((right - left, below - above), 1)


def both_ends(field: Tensor, step: int) -> Tensor:
    """Product of a field `step` before and after, along columns and rows (batch, 2, …)."""
    (left, right), (above, below) = _ends(field, step)
    return torch.stack((right * left, below * above), 1)


def _ends(field: Tensor, step: int) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    padded = torch.nn.functional.pad(field[:, None], (step, step, step, step), mode="replicate")[:, 0]
    middle = slice(step, -step)
    along = (padded[:, middle, : -2 * step], padded[:, middle, 2 * step :])
    return along, (padded[:, : -2 * step, middle], padded[:, 2 * step :, middle])


def _observe(draw: Draw, stack: _Stack, ground: _Ground) -> GradientScene:
    """What the stack shows of the ground."""
    step, batch = stack.step, len(ground.pixel)
    odd, kept, lost = scattered(draw, stack.family, *ground.coherence.shape)
    rate = ground.slides.rate + ground.other + odd
    per_year = 2 * step * stack.years[:, None, None, None]  # rad of a product for each rad per year and pixel
    moving = difference(rate * per_pixel(stack.radians), step) / (2 * step)
    disturbed, blurred = _disturbance(draw, stack, ground)
    similar = likeness(ground.coherence * kept, stack.looks, step) * blurred[:, None, None, None]
    shared = draw.uniform(batch, low=0.5, high=1.0)  # interferograms of one date share some of its noise
    effective = (per_pixel(stack.count * shared) * ground.spared).clamp_min(1.0)[:, None]
    noise, smoothness = _noise(draw, stack, *rate.shape)
    scatter = scattering(similar, effective)
    angle = (moving + disturbed) * per_year
    product = torch.polar(similar, angle) + noise * scatter
    gradient = torch.angle(product) / per_year
    stacked = product.abs().mean(1).clamp(max=1.0)
    valid = _valid(draw, ground, stacked) & (both_ends(1.0 - lost.float(), step) > 0).all(1)
    error = (scatter / math.sqrt(2.0) / similar.clamp_min(1e-3) / per_year).mean(1)
    rough = disturbed.square().mean((1, 2, 3))
    air = per_pixel(rough) * (2 * step) ** 2  # neighbours within the step share it
    snr, coherent = _observability(stack, ground, error.square() * smoothness + air, valid)
    observable = (snr > CLEAR) & (coherent > SEEN_SHARE) & (ground.slides.speed > 0)
    return GradientScene(
        gradient * valid[:, None], stacked * valid, valid, ground.elevation, ground.look, ground.pixel, step,
        stack.count, rate, ground.slides, snr, coherent, observable,
    )  # fmt: skip


def likeness(coherence: Tensor, looks: Tensor, step: int) -> Tensor:
    """Mean length (batch, 2, rows, cols) of the unit products over 2 `step` pixels, of coherence (batch, rows, cols).

    The mean of a unit phasor is exp(-deviation^2 / 2) for a narrow phase, and 0 where nothing is known of it.
    """
    deviation = phase_deviation(coherence.clamp(0.0, 0.99), looks)
    excess = math.exp(-0.5 * DECORRELATED**2) * (deviation / DECORRELATED).pow(4)
    return both_ends((torch.exp(-0.5 * deviation.square()) - excess).clamp(0.0, 1.0), step)


def scattering(similar: Tensor, effective: Tensor) -> Tensor:
    """Deviation of the mean of so many unit products of this mean length, the same for real and imaginary part.

    What turns the angle is the imaginary part, of variance (1 - exp(-2 deviation^2)) / 2 = (1 - length^4) / 2.
    """
    return ((1.0 - similar.pow(4)) / effective).sqrt()


def _disturbance(draw: Draw, stack: _Stack, ground: _Ground) -> tuple[Tensor, Tensor]:
    """Gradient (batch, 2, rows, cols) rad per year and pixel that dates leave, and the coherence they cost (batch,)."""
    batch, rows, cols = ground.elevation.shape
    depth = draw.log_uniform(batch, low=0.8, high=6.0)  # mm, turbulence over a scene
    if stack.family == "train":
        air = turbulence(draw, batch, rows, cols, slope=(2.0, 3.0))
    else:
        rough = turbulence(draw, batch, rows, cols, slope=(1.7, 2.2))
        air = 0.8 * perlin(draw, batch, rows, cols, octaves=5) + 0.6 * rough
    per_date = air * per_pixel(depth)
    left = per_date * per_pixel(stack.role.square().sum(1).sqrt())
    layered = stratified(ground.elevation) if stack.family == "train" else torch.exp(-ground.elevation / 2500.0)
    layered = layered / layered.flatten(1).std(1).clamp_min(1e-6)[:, None, None]
    left = left + layered * per_pixel(stack.remains(draw, draw.uniform(batch, high=5.0)))
    error = power_law(draw, rows, cols, draw.uniform(batch, low=1.0, high=2.2)) * per_pixel(
        draw.uniform(batch, low=1.0, high=6.0)
    )
    shift = draw.normal(batch, 2) * 0.2  # pixels, of the elevation model against the images
    change = difference(ground.elevation, 1) / 2
    error = error + per_pixel(shift[:, 0]) * change[:, 0] + per_pixel(shift[:, 1]) * change[:, 1]
    factor = topographic_factor(
        stack.remains(draw, draw.uniform(batch, low=20.0, high=150.0)), stack.wavelength,
        torch.tensor(850e3), ground.incidence,
    )  # fmt: skip
    phase = left * per_pixel(stack.radians) + error * per_pixel(factor)
    spread = (difference(per_date, stack.step) * stack.radians[:, None, None, None]).square().mean((1, 2, 3)) * 2
    return difference(phase, stack.step) / (2 * stack.step), torch.exp(-0.5 * spread)


def _noise(draw: Draw, stack: _Stack, batch: int, rows: int, cols: int) -> tuple[Tensor, Tensor]:
    """Complex noise (batch, 2, rows, cols) of unit variance as differences leave it, and how few pixels are free."""
    white = draw.complex_normal(batch, rows, cols)
    sides = draw.pick([1.0, 1.0, 3.0, 3.0, 5.0], batch)
    smooth = torch.complex(
        torch.stack([box_mean(one[None], int(side))[0] for one, side in zip(white.real, sides, strict=True)]),
        torch.stack([box_mean(one[None], int(side))[0] for one, side in zip(white.imag, sides, strict=True)]),
    ) * per_pixel(sides)
    step = stack.step
    turned = torch.complex(difference(smooth.real, step), difference(smooth.imag, step))
    return turned / math.sqrt(2.0), per_pixel(sides.square())


def _valid(draw: Draw, ground: _Ground, stacked: Tensor) -> Tensor:
    """Where there are data: not beyond a straight edge of the swath, nor, in some scenes, where nothing coheres."""
    batch, rows, cols = stacked.shape
    y = torch.arange(rows)[None, :, None] / rows - 0.5
    x = torch.arange(cols)[None, None, :] / cols - 0.5
    angle = per_pixel(draw.uniform(batch, high=2 * math.pi))
    edge = per_pixel(torch.where(draw.chance(0.15, batch), draw.uniform(batch, low=0.1, high=0.5), torch.tensor(2.0)))
    inside = x * torch.cos(angle) + y * torch.sin(angle) < edge
    masked = per_pixel(draw.chance(0.3, batch)) & (ground.coherence < 0.15)
    return inside & ~masked


def _observability(stack: _Stack, ground: _Ground, variance: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
    """Signal to noise of each slide (batch, MOST), and its coherent share; variance (batch, rows, cols)."""
    slides = ground.slides
    own = difference(slides.rate * per_pixel(stack.radians), stack.step) / (2 * stack.step)
    power = own.square().sum(1) / variance * valid
    near = 2 * stack.step + 1
    clear = valid & (ground.coherence > 0.15)
    snr, share = torch.zeros_like(slides.speed), torch.zeros_like(slides.speed)
    for number in range(MOST):
        body = slides.owner == number + 1
        around = box_mean(body.float(), near) > 0
        snr[:, number] = (power * around).flatten(1).sum(1).sqrt()
        share[:, number] = (body & clear).flatten(1).sum(1) / body.flatten(1).sum(1).clamp_min(1)
    return snr, share
