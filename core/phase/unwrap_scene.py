"""A whole scene unwrapped tile by tile, by whichever method, with a network where that is asked for."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from ..inference.predict import Network, Options, predict
from ..progress import Progress, Stage
from ..raster.window import Window
from .coherence import phase_coherence
from .unwrap_combined import Prediction, by_network, combined
from .unwrap_features import unwrap_features
from .unwrap_line import line
from .unwrap_process import SolverProcess
from .unwrap_tiles import Mosaic, Tile

_PREDICTING = 0.4  # share of a tile's time that the network takes, roughly

Bool = npt.NDArray[np.bool_]
Float = npt.NDArray[np.float32]


class Scene(Protocol):
    """A wrapped interferogram, maybe with its coherence."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""

    def read(self, window: Window) -> tuple[Float, Bool]:
        """Wrapped phase (rad), 0 where invalid, and where it is to be unwrapped."""

    def read_coherence(self, window: Window) -> Float | None:
        """Coherence, 0 where it is unknown; None where there is none."""


class Predictor:
    """A network for unwrapping, and how it is run."""

    def __init__(self, network: Network, options: Options) -> None:
        self._network, self._options = network, options

    def predict(self, scene: Scene, tile: Tile, progress: Progress) -> Prediction:
        """What the network says of the reach of a tile; it sees what lies around that too."""
        seen = _around(tile.reach, self._network.halo, self._network.multiple_of, scene.shape)
        answer = np.zeros((self._network.outputs, seen.height, seen.width), np.float32)

        def read(window: Window) -> Float | None:
            there = Window(seen.row + window.row, seen.column + window.column, window.height, window.width)
            phase, valid = scene.read(there)
            return unwrap_features(phase, valid, scene.read_coherence(there)) if valid.any() else None

        def write(window: Window, planes: Float) -> None:
            answer[(slice(None), *window.slices)] = np.nan_to_num(planes)

        predict(self._network, read, (seen.height, seen.width), write, self._options, progress)
        return Prediction.of(answer[(slice(None), *tile.reach.within(seen))])


class Rules(NamedTuple):
    """How tiles are unwrapped: with so many looks; `network_alone` leaves the solver out where there is a network."""

    looks: float
    network_alone: bool = False


def unwrap_scene(
    mosaic: Mosaic,
    scene: Scene,
    tiles: list[Tile],
    solve: SolverProcess,
    predictor: Predictor | None,
    rules: Rules,
    progress: Progress,
) -> None:
    """Put all tiles into their mosaic, unwrapped, and level it.

    Without a predictor by the solver; with one, its field is taken out in steep troughs first.
    """
    for index, tile in enumerate(tiles):
        stage = Stage(progress, index / len(tiles), (index + 1) / len(tiles))
        stage.update(0.0, "reading a tile")
        wrapped, valid = scene.read(tile.reach)
        if not valid.any():
            mosaic.add(wrapped, valid, line(wrapped, valid))
            continue
        coherence = scene.read_coherence(tile.reach)
        if coherence is None:
            coherence = phase_coherence(wrapped, valid)
        prediction = None
        if predictor is not None:
            prediction = predictor.predict(scene, tile, Stage(stage, 0.0, _PREDICTING))
        solve.at((index + (_PREDICTING if predictor else 0.0)) / len(tiles))
        if prediction is None:
            result = solve(wrapped, valid, coherence, rules.looks)
        elif rules.network_alone:
            result = by_network(wrapped, valid, prediction)
        else:
            result = combined(wrapped, valid, coherence, rules.looks, prediction, solve)
        mosaic.add(wrapped, valid, result)
    mosaic.solve()


def _around(window: Window, halo: int, step: int, shape: tuple[int, int]) -> Window:
    """The window and `halo` pixels around it, inside the raster, starting on the network's sampling grid."""
    wide = window.widened(halo, shape)
    row, column = wide.row % step, wide.column % step
    return Window(wide.row - row, wide.column - column, wide.height + row, wide.width + column)
