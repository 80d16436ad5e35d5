"""Benchmark of subsidence detection: troughs in 10 km scenes, false alarms without any, real interferograms."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ....models.phase_unwrapping.network import UnwrapNet
from ....models.registry import Card, load
from ....models.subsidence_detection.network import ENCODER, Detector, TroughHead
from ...detection.fringes import FringeDetector
from ...detection.troughs import NETWORK_MIDDLE
from ...phase.unwrap_features import unwrap_features
from ...progress import Progress
from ..report import Section
from ..trough_metrics import judge
from .subsidence_plots import plot_examples, plot_recall
from .subsidence_real import real_table
from .subsidence_scenes import TroughScene, scenes
from .subsidence_tally import Tally, background_table, depth_table, overall_table, verdict

WITH, WITHOUT = 96, 44  # scenes with troughs, and without
EXAMPLES = 4
METHODS = ("network", "own head", "fringes")
WHAT = (
    "Scenes of 512 x 512 pixels of 20 m, from the held-out family on validation terrain: up to four troughs each (mines"
    " after Knothe, closing cracks after Okada, bowls from pointed to flat) of half a fringe to 80 rad and up to 5.5"
    " rad per pixel, in turbulent and Perlin air of 0.1 to 1 rad, layered air, errors of the elevation model and ramps,"
    " in landscapes of which much is decorrelated. A trough is asked for where the ground of at least half of it is"
    " coherent, whatever its own slope makes of the phase; it is hit by a detection that overlaps it by half"
    " (intersection over union), once. False alarms are counted in these"
    " scenes and in others without troughs, half of which hold a bowl of 6 to 12 km or the lobes of a buried"
    " earthquake, which are none. The head that the unwrapping network has for its own use (`own head`) and the"
    " divergence of the fringe rate (`fringes`) are scored in the same way."
)

Float = NDArray[np.float32]


def section(network: nn.Module, card: Card, device: torch.device, pictures: Path, progress: Progress) -> Section:
    """Measure all methods on every scene, plot, and say it in tables."""
    methods = Methods(network, device)
    tallies = {name: Tally(name) for name in METHODS}
    examples: list[tuple[TroughScene, Float]] = []
    every = itertools.chain(scenes(WITH, empty=False), scenes(WITHOUT, empty=True))
    for done, scene in enumerate(every):
        progress.update(done / (WITH + WITHOUT + 2), "detecting")
        masks = [trough.mask for trough in scene.troughs]
        for name, probability in methods(scene).items():
            middle = NETWORK_MIDDLE if name == "network" else 0.5
            tallies[name].add(scene, judge(probability, masks, scene.ignored, middle))
            if name == "network" and scene.troughs and len(examples) < EXAMPLES:
                examples.append((scene, probability))
    pictures.mkdir(parents=True, exist_ok=True)
    plot_recall(list(tallies.values()), pictures / "benchmark-subsidence_detection-recall.png")
    plot_examples(examples, pictures / "benchmark-subsidence_detection-examples.png")
    real = real_table(methods.on_planes, pictures / "benchmark-subsidence_detection-mexico.png")
    all_of_them = list(tallies.values())
    tables = [overall_table(all_of_them), depth_table(all_of_them), background_table(all_of_them)]
    shown = [
        ("benchmark-subsidence_detection-recall.png", "Recall by false alarms per 1,000 km2"),
        ("benchmark-subsidence_detection-examples.png", "Troughs that are there (green) and that were found (red)"),
    ]
    if real is not None:
        tables.append(real)
        shown.append(("benchmark-subsidence_detection-mexico.png", "Mexico City, 2018: detections by span of days"))
    words = f"Network: configuration `{card.config}`, weights {card.sha256[:12]}."
    return Section(
        card.name, "Subsidence (`detectsubsidence`)", [WHAT, verdict(tallies["network"]), words], tables, shown
    )


class Methods:
    """Every method, from a scene to its probabilities; the networks share one pass of what is below them."""

    def __init__(self, network: nn.Module, device: torch.device) -> None:
        unwrapper, _ = load(ENCODER)
        self._unwrapper = cast(UnwrapNet, unwrapper).to(device)
        self._detector = Detector(self._unwrapper, network).eval().to(device)
        self._classical, self._device = FringeDetector(), device

    @torch.inference_mode()
    def __call__(self, scene: TroughScene) -> dict[str, Float]:
        """Probability (rows, columns) by METHODS; NaN where there are no data."""
        planes = unwrap_features(scene.wrapped, scene.valid, scene.coherence)
        given = torch.as_tensor(planes)[None].to(self._device)
        features: list[Tensor] = []
        own = self._unwrapper.answer(self._unwrapper.decode(given, features))[0, 3]
        head = self._detector.head
        found = (head(features, given) if isinstance(head, TroughHead) else head(given))[0, 0]
        planes[3:] = np.indices(scene.wrapped.shape)
        fringes = self._classical(torch.as_tensor(planes)[None])[0, 3]
        shown = (torch.sigmoid(logit.float()).cpu().numpy() for logit in (found, own, fringes))
        nothing = np.float32(np.nan)
        return {name: np.where(scene.valid, p, nothing) for name, p in zip(METHODS, shown, strict=True)}

    @torch.inference_mode()
    def on_planes(self, planes: Float) -> Float:
        """All outputs (4, rows, columns) of the network for what it is shown."""
        answer: Float = self._detector(torch.as_tensor(planes)[None].to(self._device))[0].float().cpu().numpy()
        return answer
