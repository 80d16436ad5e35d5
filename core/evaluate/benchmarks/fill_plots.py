"""Pictures of the filling benchmark; matplotlib is a developer's package, imported only here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from ...simulate.terrain import TerrainSource
from ..fill_metrics import wrap
from .fill_cases import Case
from .fill_methods import LAPLACE, MCF, ask, quick, slow

DPI = 80
SHOWN = (("topographic", "5"), ("topographic", "10"), ("differential", "5"), ("differential", "decorrelated areas"))
TITLES = ("truth", "observed", LAPLACE, MCF, "network", "confidence")


def plot_examples(network: nn.Module, cases: Sequence[Case], terrain: TerrainSource | None, path: Path) -> None:
    """One sample of some cases: truth, observed, Laplace, minimum-cost flow, network, confidence."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot

    chosen = [case for case in cases if (case.group, case.name) in SHOWN]
    figure, axes = pyplot.subplots(len(chosen), len(TITLES), figsize=(2.4 * len(TITLES), 2.5 * len(chosen)))
    for line, case in zip(axes, chosen, strict=True):
        sample = case.draw(terrain).part(0, 1)
        answer = ask(network, sample)
        classical = {**quick(sample), **slow(sample)}
        seen = sample.observed.angle().masked_fill(sample.gap, torch.nan)
        phases = (wrap(sample.truth), seen, classical[LAPLACE], classical[MCF], answer.phase)
        for axis, image, title in zip(line, phases, TITLES, strict=False):
            axis.imshow(image[0].numpy(), cmap="hsv", vmin=-torch.pi, vmax=torch.pi, interpolation="nearest")
            axis.set_title(title, fontsize=8)
        sure = torch.where(sample.gap, answer.confidence, torch.ones_like(answer.confidence))
        line[-1].imshow(sure[0].numpy(), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        line[-1].set_title(TITLES[-1], fontsize=8)
    for axis in axes.flat:
        axis.axis("off")
    figure.tight_layout()
    figure.savefig(path, dpi=DPI, metadata={"Software": None})
    pyplot.close(figure)
