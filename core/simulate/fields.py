"""Random fields: power-law (fractal) ones through the Fourier domain, and the smoothing and enlarging they need."""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor

from .draw import Draw

PERIODICITY = 2.0  # a Fourier field is periodic; it is made this much larger and cropped, so that edges do not meet


def fast_size(size: int) -> int:
    """The next length with factors 2, 3 and 5 alone, on which the FFT is fast."""
    while True:
        rest = size
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return size
        size += 1


def power_law(
    draw: Draw,
    rows: int,
    cols: int,
    slope: Tensor,
    periodicity: float = PERIODICITY,
    stretch: Tensor | None = None,
) -> Tensor:
    """Isotropic Gaussian fields whose radially averaged (one-dimensional) spectrum falls as frequency ** -slope.

    slope (count,) gives (count, rows, cols), each of mean 0 and standard deviation 1. The two-dimensional power
    spectrum has the exponent slope + 1 (Hanssen 2001, section 4.7). `stretch` (count,) >= 1 makes fields longer along
    columns by that factor.
    """
    high, wide = fast_size(int(rows * periodicity)), fast_size(int(cols * periodicity))
    fy = torch.fft.fftfreq(high, device=draw.device)[None, :, None]
    fx = torch.fft.rfftfreq(wide, device=draw.device)[None, None, :]
    if stretch is not None:
        fx = fx * stretch[:, None, None]
    radius_squared = fy.square() + fx.square()
    radius_squared[:, 0, 0] = 1.0
    gain = torch.exp(-0.25 * (slope[:, None, None] + 1.0) * torch.log(radius_squared))
    gain[:, 0, 0] = 0.0
    spectrum = draw.complex_normal(len(slope), high, wide // 2 + 1) * gain
    field = torch.fft.irfft2(spectrum, s=(high, wide))[:, :rows, :cols]
    return standardise(field)


def standardise(field: Tensor) -> Tensor:
    """Mean 0 and standard deviation 1 over each field (…, rows, cols)."""
    deviation, mean = torch.std_mean(field, dim=(-2, -1), keepdim=True)
    return (field - mean) / deviation.clamp_min(1e-20)


def enlarge(field: Tensor, rows: int, cols: int, mode: str = "bicubic") -> Tensor:
    """(batch, r, c) to (batch, rows, cols) by interpolation."""
    if field.shape[-2:] == (rows, cols):
        return field
    align = None if mode == "nearest" else False
    return functional.interpolate(field[:, None], size=(rows, cols), mode=mode, align_corners=align)[:, 0]


def enlarge_smoothly(field: Tensor, rows: int, cols: int) -> Tensor:
    """As `enlarge`, for heights: linear, then smoothed over the spacing, so that slopes show no facets or ripples."""
    if field.shape[-2:] == (rows, cols):
        return field
    factor = max(rows / field.shape[-2], cols / field.shape[-1])
    return box_mean(enlarge(field, rows, cols, "bilinear"), 2 * round(factor / 2) + 1)


def box_mean(field: Tensor, window: int, times: int = 1) -> Tensor:
    """Mean over window x window pixels, as far as they exist; three times is close to a Gaussian blur."""
    half = window // 2
    values = field[:, None]
    for _ in range(times):
        values = functional.avg_pool2d(values, (1, window), 1, (0, half), count_include_pad=False)
        values = functional.avg_pool2d(values, (window, 1), 1, (half, 0), count_include_pad=False)
    return values[:, 0]


def quantile_level(field: Tensor, share: Tensor) -> Tensor:
    """The level (batch, 1, 1) below which this share (batch,) of each field lies, from a sample of its pixels."""
    flat = field.flatten(1)
    ordered = flat[:, :: max(1, flat.shape[1] // 2048)].sort(dim=1).values
    index = (share * (ordered.shape[1] - 1)).round().long().clamp(0, ordered.shape[1] - 1)
    return ordered.gather(1, index[:, None])[:, :, None]


def coordinates(rows: int, cols: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Row and column of each pixel from the centre, in pixels: two (1, rows, cols) tensors."""
    y = torch.arange(rows, device=device, dtype=torch.float32) - (rows - 1) / 2
    x = torch.arange(cols, device=device, dtype=torch.float32) - (cols - 1) / 2
    return y[None, :, None].expand(1, rows, cols), x[None, None, :].expand(1, rows, cols)
