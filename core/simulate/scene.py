"""Batches of simulated scenes: landscape, two radar images, their interferogram, and the truth behind it."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from .draw import Draw, per_pixel
from .effective_looks import effective_looks
from .fields import box_mean, enlarge, enlarge_smoothly
from .geometry import gradient_magnitude, layover_and_shadow, range_slope
from .land_cover import landscape, patchwork
from .pair import estimate_coherence, multilook_pair
from .phase_noise import critical_coherence
from .phases import Phases, make_phases
from .product import footprint, geocoding_grid, goldstein, resample
from .scattering import Ground, Scattering, Variety, scatter
from .sensors import SENSOR_WEIGHTS, SENSORS
from .terrain import TerrainSource, add_roughness, make_elevation
from .water import drawn_water, natural_water

FAMILIES = ("train", "held_out")

SEA_LEVEL = 0.5  # m


@dataclass(frozen=True)
class SceneOptions:
    """What scenes to draw. Shares are probabilities per scene; ranges are drawn from uniformly."""

    batch: int = 16
    rows: int = 192
    cols: int = 192
    family: str = "train"
    looks: tuple[float, ...] = (1, 2, 3, 4, 6, 10, 20, 40)
    looks_weights: tuple[float, ...] = (4, 2, 2, 4, 2, 2, 2, 1)
    windows: tuple[int, ...] = (3, 5, 7, 9)
    oversampling: tuple[float, float] = (1.0, 1.4)
    water_share: float = 0.8
    flattened_share: float = 0.65  # topographic phase removed but for the error of the elevation model
    filtered_share: float = 0.15
    geocoded_share: float = 0.25
    careless_share: float = 0.3  # of the geocoded: those whose angle was interpolated instead of the complex number
    border_share: float = 0.12
    hole_share: float = 0.06
    clear_share: float = 0.7  # of scenes whose looks suit the ground: no class near the limit of use, see Variety
    steepest: float = 2.4  # rad per pixel; fringes steeper than this are scaled down
    days: tuple[float, ...] = (0, 1, 6, 12, 24, 48, 120, 365)  # between the images, in units of 6 days' repeat
    days_weights: tuple[float, ...] = (2, 2, 4, 4, 3, 2, 1, 0.5)


@dataclass
class Scene:
    """A batch of scenes; float32 (batch, rows, cols) where nothing else is said."""

    elevation: Tensor  # m
    layover: Tensor  # bool
    shadow: Tensor  # bool
    land_cover: Tensor  # int64, LandCover codes
    true_coherence: Tensor  # 0..1
    topographic_phase: Tensor  # rad
    deformation: Tensor  # mm, along the line of sight, positive toward the satellite
    deformation_phase: Tensor  # rad, -4 pi / wavelength * deformation
    atmosphere_phase: Tensor  # rad
    unwrapped: Tensor  # rad, sum of the three, without noise
    interferogram: Tensor  # complex64, multilooked, noisy; 0 where not valid
    wrapped: Tensor  # rad, its angle
    coherence_estimate: Tensor  # 0..1, biased and blurred by its window
    amplitude: Tensor  # linear
    decorrelated: Tensor  # bool: noise of the phase at true coherence and looks beyond PHASE_NOISE_LIMIT
    valid: Tensor  # bool: false beyond the footprint and in holes
    looks: Tensor  # (batch,), effective: filters and resampling add some
    pixel: Tensor  # (batch,) m
    wavelength: Tensor = field(default_factory=lambda: torch.empty(0))  # (batch,) m
    incidence: Tensor = field(default_factory=lambda: torch.empty(0))  # (batch,) rad


@dataclass
class View:
    """Sensor and geometry of each scene, all (batch,)."""

    wavelength: Tensor
    slant_range: Tensor
    incidence: Tensor
    bandwidth: Tensor
    noise: Tensor
    baseline: Tensor
    days: Tensor
    looks: Tensor
    pixel: Tensor


def draw_view(draw: Draw, options: SceneOptions) -> View:
    """Draws a sensor, its geometry, the looks and the pixel size they lead to."""
    batch = options.batch
    which = draw.pick(range(len(SENSORS)), batch, weights=SENSOR_WEIGHTS).long()

    def of(values: list[float]) -> Tensor:
        return torch.tensor(values, dtype=torch.float32, device=draw.device)[which]

    low, high = of([s.incidence[0] for s in SENSORS]), of([s.incidence[1] for s in SENSORS])
    looks = draw.pick(options.looks, batch, weights=options.looks_weights)
    days = draw.pick(options.days, batch, weights=options.days_weights) * of([s.repeat_days / 6.0 for s in SENSORS])
    return View(
        wavelength=of([s.wavelength for s in SENSORS]),
        slant_range=of([s.slant_range for s in SENSORS]),
        incidence=torch.deg2rad(low + (high - low) * draw.uniform(batch)),
        bandwidth=of([s.bandwidth for s in SENSORS]),
        noise=of([s.noise for s in SENSORS]) + 2.0 * draw.normal(batch),
        baseline=of([s.baseline for s in SENSORS]) * draw.normal(batch),
        days=days,
        looks=looks,
        pixel=of([s.single_look for s in SENSORS]) * looks.sqrt() * draw.uniform(batch, low=0.8, high=1.6),
    )


def simulate(
    options: SceneOptions,
    generator: torch.Generator,
    device: torch.device | str = "cpu",
    terrain: TerrainSource | None = None,
) -> Scene:
    """Draws a batch of scenes; the same options, seed and terrain give the same scenes.

    Range runs along columns. `terrain` None makes spectral terrain. Raises ValueError for a family there is not.
    """
    if options.family not in FAMILIES:
        message = f"there is no scene family {options.family!r}; there are {', '.join(FAMILIES)}"
        raise ValueError(message)
    draw = Draw(generator, device)
    with torch.no_grad():
        view = draw_view(draw, options)
        ground, elevation = _draw_ground(draw, options, view, terrain)
        scattering = scatter(draw, ground, Variety(options.family, clear_share=options.clear_share))
        phases = make_phases(draw, elevation, view.wavelength, options)
        scene = _observe(draw, options, view, ground, elevation, scattering, phases)
        return _deliver(draw, options, scene)


def _draw_ground(draw: Draw, options: SceneOptions, view: View, terrain: TerrainSource | None) -> tuple[Ground, Tensor]:
    rows, cols = options.rows, options.cols
    coarse = make_elevation(draw, -(-rows // 2), -(-cols // 2), view.pixel * 2, terrain)
    # The sea is flat at height 0 in the tiles; interpolation rings along the coast.
    sea = enlarge((box_mean(coarse, 3) < SEA_LEVEL).float(), rows, cols, "bilinear") > 0.5
    coarse = add_roughness(draw, coarse, view.pixel * 2)
    elevation = enlarge_smoothly(coarse, rows, cols)
    if options.family == "train":
        water = natural_water(draw, coarse, rows, cols, options.water_share)
    else:
        water = drawn_water(draw, options.batch, rows, cols, options.water_share)
    if terrain is not None:
        water |= sea
    level = torch.where(sea, 0.0, elevation) if terrain is not None else elevation
    layover, shadow = layover_and_shadow(level, view.pixel, view.incidence)
    layover, shadow = layover & ~water, shadow & ~water
    slope = range_slope(level, view.pixel).masked_fill(water, 0.0)
    paint = landscape if options.family == "train" else patchwork
    cover, parcel = paint(draw, gradient_magnitude(level, view.pixel), water)
    ground = Ground(
        cover=cover,
        parcel=parcel,
        range_slope=slope,
        layover=layover,
        shadow=shadow,
        incidence=view.incidence,
        wavelength=view.wavelength,
        baseline=view.baseline,
        slant_range=view.slant_range,
        bandwidth=view.bandwidth,
        days=view.days,
        noise=view.noise,
        critical=critical_coherence(view.looks),
    )
    return ground, level


def _observe(
    draw: Draw,
    options: SceneOptions,
    view: View,
    ground: Ground,
    elevation: Tensor,
    scattering: Scattering,
    phases: Phases,
) -> Scene:
    coherence = scattering.coherence
    product, estimate, amplitude = _radar_images(draw, options, view, scattering, phases)
    return Scene(
        elevation=elevation,
        layover=ground.layover,
        shadow=ground.shadow,
        land_cover=ground.cover,
        true_coherence=coherence,
        topographic_phase=phases.topography,
        deformation=phases.deformation,
        deformation_phase=phases.moving,
        atmosphere_phase=phases.atmosphere,
        unwrapped=phases.total,
        interferogram=product,
        wrapped=product.angle(),
        coherence_estimate=estimate,
        amplitude=amplitude,
        decorrelated=coherence < per_pixel(critical_coherence(view.looks)),
        valid=torch.ones_like(ground.layover),
        looks=view.looks,
        pixel=view.pixel,
        wavelength=view.wavelength,
        incidence=view.incidence,
    )


def _radar_images(
    draw: Draw, options: SceneOptions, view: View, scattering: Scattering, phases: Phases
) -> tuple[Tensor, Tensor, Tensor]:
    """Multilooked complex interferogram, estimated coherence and amplitude of a pair of noisy images."""
    batch = options.batch
    oversampling = draw.uniform(batch, low=options.oversampling[0], high=options.oversampling[1])
    cross, first, second = multilook_pair(
        draw, phases.total, scattering.coherence, scattering.power, view.looks, oversampling
    )
    window = draw.pick([float(w) for w in options.windows], batch)
    # Half of the processors estimate coherence with the fringes in it, others take all or the known part out.
    known = per_pixel(draw.pick([0.0, 1.0, 2.0], batch, weights=[5, 4, 1]))
    flatten = torch.where(known == 1.0, phases.total, torch.where(known == 2.0, phases.topography, 0.0))
    estimate = estimate_coherence(cross, first, second, window, flatten)
    both = per_pixel(draw.chance(0.5, batch))
    gain = per_pixel(draw.log_uniform(batch, low=0.01, high=1e4))
    amplitude = torch.where(both, 0.5 * (first + second), first).clamp_min(0.0).sqrt() * gain
    return cross, estimate, amplitude


SMOOTH_LAYERS = (
    "elevation", "topographic_phase", "deformation", "deformation_phase", "atmosphere_phase", "coherence_estimate",
    "amplitude",
)  # fmt: skip
SHARP_LAYERS = ("layover", "shadow", "land_cover", "true_coherence", "decorrelated")


def _deliver(draw: Draw, options: SceneOptions, scene: Scene) -> Scene:
    batch, rows, cols = options.batch, options.rows, options.cols
    filtered = draw.chance(options.filtered_share, batch).nonzero()[:, 0]
    if len(filtered):
        strength = draw.uniform(len(filtered), low=0.2, high=0.8)
        scene.interferogram[filtered] = goldstein(scene.interferogram[filtered], strength)
    geocoded = draw.chance(options.geocoded_share, batch).nonzero()[:, 0]
    careless = geocoded[draw.chance(options.careless_share, len(geocoded))]
    angle = scene.interferogram.angle()
    if len(geocoded):
        _geocode(draw, scene, angle, geocoded)
    flip = draw.chance(0.5, batch).nonzero()[:, 0]
    for layer in (angle, *(getattr(scene, name) for name in (*SMOOTH_LAYERS, *SHARP_LAYERS, "interferogram"))):
        layer[flip] = layer[flip].flip(-1)
    scene.unwrapped = scene.topographic_phase + scene.deformation_phase + scene.atmosphere_phase
    scene.valid = footprint(draw, batch, rows, cols, options.border_share, options.hole_share)
    scene.wrapped = scene.interferogram.angle()
    processed = torch.tensor(sorted({*filtered.tolist(), *geocoded.tolist()}), dtype=torch.long, device=draw.device)
    if len(processed):
        _recount_looks(scene, processed)
    # Interpolated angles take no noise out, they only hide it: the truth stays that of the complex numbers.
    scene.interferogram[careless] = torch.polar(scene.interferogram[careless].abs(), angle[careless])
    for name in ("interferogram", "coherence_estimate", "amplitude"):
        setattr(scene, name, getattr(scene, name).masked_fill(~scene.valid, 0.0))
    scene.wrapped = scene.interferogram.angle()
    return scene


def _geocode(draw: Draw, scene: Scene, angle: Tensor, index: Tensor) -> None:
    rows, cols = scene.wrapped.shape[1:]
    grid = geocoding_grid(draw, len(index), rows, cols)
    product = scene.interferogram[index]
    smooth = torch.stack(
        [getattr(scene, name)[index] for name in SMOOTH_LAYERS] + [angle[index], product.real, product.imag], dim=1
    )
    smooth = resample(smooth, grid, "bilinear")
    for place, name in enumerate(SMOOTH_LAYERS):
        getattr(scene, name)[index] = smooth[:, place]
    angle[index] = smooth[:, -3]
    product = torch.complex(smooth[:, -2].contiguous(), smooth[:, -1].contiguous())
    sharp = torch.stack([getattr(scene, name)[index].float() for name in SHARP_LAYERS], dim=1)
    complex_parts = torch.view_as_real(scene.interferogram[index]).permute(0, 3, 1, 2)
    planes = resample(torch.cat([sharp, complex_parts], dim=1), grid, "nearest")
    for place, name in enumerate(SHARP_LAYERS):
        layer = getattr(scene, name)
        layer[index] = planes[:, place].to(layer.dtype)
    nearest = torch.complex(planes[:, -2].contiguous(), planes[:, -1].contiguous())
    scene.interferogram[index] = torch.where(per_pixel(draw.chance(0.3, len(index))), nearest, product)


def _recount_looks(scene: Scene, index: Tensor) -> None:
    """Give processed scenes the looks that they are worth: the truth is that of the phase that is delivered."""
    error = torch.angle(torch.polar(torch.ones_like(scene.wrapped), scene.wrapped - scene.unwrapped))[index]
    coherence, valid = scene.true_coherence[index], scene.valid[index]
    looks = effective_looks(error, coherence, valid, scene.looks[index])
    scene.looks[index] = looks
    scene.decorrelated[index] = coherence < per_pixel(critical_coherence(looks))
