"""The paper's own networks: fringe reconnector and phase reconstructor, with their discriminators.

After Abdallah, Ding, Wu (2025), ISPRS Annals X-G-2025-11, section 2.1, whose generator and discriminator are those of
Nazeri et al. (2019): two down-samplings, eight dilated residual blocks, a 70 x 70 PatchGAN. Instance normalisation
depends on the whole input and phase is a scalar here: these networks are to be compared with, never the default.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from .network import CHANNELS, OUTPUTS

FULL_WIDTH, HALF_WIDTH = 64, 32  # channels at full resolution
BLOCKS = 8
SLOPE = 0.2  # of LeakyReLU in the discriminators
WHITE = 1.0  # what masked pixels are shown as
PATCH_WIDTHS = (1, 2, 4, 8)  # channels of the discriminator's layers, in units of its width
UNSURE = 0.0  # ln(concentration) everywhere: these networks do not say how sure they are


class _Block(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.ReflectionPad2d(2),
            nn.Conv2d(width, width, 3, dilation=2),
            nn.InstanceNorm2d(width),
            nn.ReLU(),
            nn.ReflectionPad2d(1),
            nn.Conv2d(width, width, 3),
            nn.InstanceNorm2d(width),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(n, width, h, w) to the same shape."""
        moved: Tensor = self.body(x)
        return x + moved


class Generator(nn.Module):
    """(n, inputs, h, w), sides divisible by 4, to one plane of raw values."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()

        def step(layer: nn.Module, channels: int) -> list[nn.Module]:
            return [layer, nn.InstanceNorm2d(channels), nn.ReLU()]

        self.body = nn.Sequential(
            nn.ReflectionPad2d(3),
            *step(nn.Conv2d(inputs, width, 7), width),
            *step(nn.Conv2d(width, 2 * width, 4, 2, 1), 2 * width),
            *step(nn.Conv2d(2 * width, 4 * width, 4, 2, 1), 4 * width),
            *(_Block(4 * width) for _ in range(BLOCKS)),
            *step(nn.ConvTranspose2d(4 * width, 2 * width, 4, 2, 1), 2 * width),
            *step(nn.ConvTranspose2d(2 * width, width, 4, 2, 1), width),
            nn.ReflectionPad2d(3),
            nn.Conv2d(width, 1, 7),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Raw values (n, 1, h, w)."""
        raw: Tensor = self.body(x)
        return raw


class Discriminator(nn.Module):
    """70 x 70 PatchGAN: a logit for each patch, with the features of every layer."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        sizes = [inputs, *(width * factor for factor in PATCH_WIDTHS), 1]
        strides = (2, 2, 2, 1, 1)
        self.layers = nn.ModuleList(
            spectral_norm(nn.Conv2d(i, o, 4, s, 1)) for (i, o), s in zip(pairwise(sizes), strides, strict=True)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        """Features of each layer; the last are the logits."""
        features: list[Tensor] = []
        for layer in self.layers:
            x = layer(x)
            features.append(x)
            if len(features) < len(self.layers):
                x = functional.leaky_relu(x, SLOPE)
        return features


class PaperFillingNet(nn.Module):
    """FRN and PRN; with `fringes=False` the reconstructor alone, which has the mask for its condition (ablation)."""

    def __init__(self, width: int = HALF_WIDTH, *, fringes: bool = True) -> None:
        super().__init__()
        self.channels, self.outputs = len(CHANNELS), len(OUTPUTS)
        self.multiple_of, self.halo = 4, 64  # the halo is what is affordable: normalisation sees the whole tile
        self.reconnector = Generator(3, width) if fringes else None
        self.reconnector_judge = Discriminator(2, width) if fringes else None
        self.reconstructor = Generator(2, width)
        self.reconstructor_judge = Discriminator(2, width)

    def forward(self, x: Tensor) -> Tensor:
        """(n, 5, h, w) of CHANNELS to (n, 4, h, w) of OUTPUTS."""
        known = x[:, 2:3]
        lines = self.reconnect(x) if self.reconnector is not None else torch.zeros_like(known)
        phase = math.pi * self.reconstruct(x, torch.sigmoid(lines) if self.reconnector is not None else 1.0 - known)
        return torch.cat((phase.cos(), phase.sin(), torch.full_like(phase, UNSURE), lines.to(phase.dtype)), 1)

    def reconnect(self, x: Tensor) -> Tensor:
        """Logits (n, 1, h, w) of fringe lines."""
        if self.reconnector is None:
            msg = "this configuration has no fringe reconnector"
            raise ValueError(msg)
        known = x[:, 2:3]
        shown = torch.where(known > 0.5, 0.5 + 0.5 * scaled_phase(x), WHITE)
        seen = torch.where(known > 0.5, observed_lines(x), WHITE)
        raw: Tensor = self.reconnector(torch.cat((shown, seen, 1.0 - known), 1))
        return raw

    def reconstruct(self, x: Tensor, lines: Tensor) -> Tensor:
        """Phase over pi (n, 1, h, w), -1 to 1, guided by lines 0..1 (or by the mask, where there is no reconnector)."""
        shown = torch.where(x[:, 2:3] > 0.5, scaled_phase(x), WHITE)
        return torch.tanh(self.reconstructor(torch.cat((shown, lines.to(shown.dtype)), 1)).float())


def scaled_phase(x: Tensor) -> Tensor:
    """Wrapped phase over pi (n, 1, h, w), -1 to 1, of CHANNELS."""
    return torch.atan2(x[:, 1:2], x[:, 0:1]) / math.pi


def observed_lines(x: Tensor) -> Tensor:
    """Fringe lines (n, 1, h, w), 0 or 1, between observed neighbours."""
    phase, known = scaled_phase(x), x[:, 2:3] > 0.5
    lines = torch.zeros_like(phase)
    right = (phase[..., 1:] - phase[..., :-1]).abs() > 1.0
    down = (phase[..., 1:, :] - phase[..., :-1, :]).abs() > 1.0
    lines[..., :-1] += (right & known[..., 1:] & known[..., :-1]).to(phase.dtype)
    lines[..., :-1, :] += (down & known[..., 1:, :] & known[..., :-1, :]).to(phase.dtype)
    return lines.clamp(max=1.0)
