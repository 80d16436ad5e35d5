"""Held-out stacks of gradients for the benchmark of landslides, and what each method finds in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ...models.landslide_detection.features import noise_level, planes
from ...models.landslide_detection.network import STRIDE
from ..detection.boxes import Boxes, merge, propose
from ..detection.divergence import DivergenceDetector, noise_levels, weighted_planes
from ..detection.outlines import body_of
from ..detection.slopes import surface
from ..detection.withheld import all_steadied
from ..raster.window import Window
from ..simulate.gradient_scene import GradientOptions, GradientScene, simulate
from ..simulate.slides import MOST
from ..simulate.terrain import TerrainSource

LEAST_SCORE = 0.02  # of detections that are looked at
DOUBTED = 0.1  # score from which the network is asked again without the strongest pixels
GENTLE = 10.0  # degrees of slope below which detections are left out, as the tool does by default
BATCH = 4

Bool = NDArray[np.bool_]
Float = NDArray[np.float32]


@dataclass
class Truth:
    """One scene: what was seen of it, and what is there."""

    scene: GradientScene
    index: int  # in the batch

    @property
    def owner(self) -> NDArray[np.int64]:
        """Number of the slide in each pixel, 0 none."""
        owner: NDArray[np.int64] = self.scene.slides.owner[self.index].numpy()
        return owner

    @property
    def numbers(self) -> NDArray[np.intp]:
        """The slides that there are, counted from 0."""
        return np.flatnonzero(self.scene.slides.speed[self.index].numpy() > 0)

    @property
    def wanted(self) -> Bool:
        """Of each of `numbers`, whether the stack shows it."""
        observable: Bool = self.scene.observable[self.index].numpy()
        return observable[self.numbers]

    @property
    def edges(self) -> Float:
        """Boxes (n, 4) of `numbers`."""
        return np.array([edges_of(self.owner == number + 1) for number in self.numbers], np.float32).reshape(-1, 4)

    @property
    def area_km2(self) -> float:
        """Ground with data."""
        pixels = int(self.scene.valid[self.index].sum())
        return pixels * float(self.scene.pixel[self.index]) ** 2 / 1e6


@dataclass
class Answer:
    """What a method finds in a scene; boxes are those around the outlines, since outlines are what the tool gives."""

    boxes: Boxes
    bodies: list[Bool]  # pixels of each detection, of the whole scene


def edges_of(body: Bool) -> tuple[int, int, int, int]:
    """Top, left, bottom and right of a body, in pixels; the last two are one beyond."""
    rows, columns = np.flatnonzero(body.any(1)), np.flatnonzero(body.any(0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def truths(options: GradientOptions, count: int, seed: int, terrain: TerrainSource | None) -> Iterator[Truth]:
    """`count` scenes, a batch at a time; the same for the same seed."""
    for number in range(-(-count // options.batch)):
        generator = torch.Generator().manual_seed(seed * 10_007 + number)
        scene = simulate(options, generator, terrain)
        yield from (Truth(scene, index) for index in range(min(options.batch, count - number * options.batch)))


def by_network(
    network: nn.Module, truth: Truth, device: torch.device, *, dem: bool = True, look: bool = True
) -> Answer:
    """What the network finds, with or without an elevation model and a line of sight."""
    scene, one = truth.scene, slice(truth.index, truth.index + 1)
    ground = surface(scene.elevation[one], scene.pixel[one], scene.pixel[one])
    shown = planes(
        scene.gradient[one],
        scene.coherence[one],
        scene.valid[one].float(),
        noise_level(scene.gradient[one], scene.valid[one]),
        ground.planes() if dem else None,
        ground.sensitivity(scene.look[one]) if dem and look else None,
    )
    return asked(network, shown, ground.degrees()[0].numpy() if dem else None, device)


def asked(network: nn.Module, shown: Tensor, degrees: Float | None, device: torch.device) -> Answer:
    """What the network finds in planes (1, 10, rows, columns), as the tool asks it."""
    with torch.inference_mode():
        said = network(shown.to(device))[0].float().cpu()
    body, boxes = detections(said)
    planes = shown[0].numpy()
    shape = (planes.shape[1], planes.shape[2])

    def read(window: Window) -> Float:
        return planes[:, *window.slices]

    def probability(window: Window) -> Float:
        return body[window.slices]

    return outlined(body, all_steadied(network, read, probability, boxes, shape, STRIDE, least=DOUBTED), degrees)


def by_divergence(truth: Truth) -> Answer:
    """What the divergence of the gradients finds."""
    scene, index = truth.scene, truth.index
    one = slice(index, index + 1)
    noise = float(noise_level(scene.gradient[one], scene.valid[one]))
    parts = scene.gradient[index].numpy(), scene.coherence[index].numpy(), scene.valid[index].numpy()
    shown = torch.from_numpy(weighted_planes(*parts, noise))
    detector = DivergenceDetector(noise_levels([shown]))
    ground = surface(scene.elevation[one], scene.pixel[one], scene.pixel[one])
    with torch.inference_mode():
        return outlined(*detections(detector(shown[None])[0]), ground.degrees()[0].numpy())


def detections(said: Tensor) -> tuple[Float, Boxes]:
    """Probability of bodies (rows, columns), and one box for each object, from outputs (6, rows, columns)."""
    score = torch.sigmoid(said[1, ::STRIDE, ::STRIDE]).numpy()
    boxes = merge(propose(score, said[2:, ::STRIDE, ::STRIDE].numpy(), STRIDE, (0, 0), LEAST_SCORE))
    return torch.sigmoid(said[0]).numpy(), boxes


def outlined(probability: Float, boxes: Boxes, degrees: Float | None) -> Answer:
    """Detections with their pixels, those on gentle ground left out where slopes are known."""
    bodies: list[Bool] = []
    kept: list[int] = []
    for index in range(len(boxes.scores)):
        shape = (probability.shape[0], probability.shape[1])
        body, window = body_of(lambda part: probability[part.slices], boxes, index, shape)
        whole = np.zeros(shape, bool)
        whole[window.slices] = body
        if whole.any() and (degrees is None or degrees[whole].mean() >= GENTLE):
            bodies.append(whole)
            kept.append(index)
    edges = np.array([edges_of(body) for body in bodies], np.float32).reshape(-1, 4)
    return Answer(Boxes(edges, boxes.scores[kept]), bodies)


def overlap_of(bodies: list[Bool], truth: Truth) -> NDArray[np.float64]:
    """Intersection over union of detected bodies with the true ones: (detections, slides)."""
    table = np.zeros((len(bodies), len(truth.numbers)))
    owner = truth.owner
    sizes = np.bincount(owner.ravel(), minlength=MOST + 1)
    for index, body in enumerate(bodies):
        shared = np.bincount(owner[body], minlength=MOST + 1)
        for place, number in enumerate(truth.numbers):
            both = shared[number + 1]
            table[index, place] = both / max(np.count_nonzero(body) + sizes[number + 1] - both, 1)
    return table
