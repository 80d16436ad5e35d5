"""Show a network planes that are in memory, tile by tile as any raster."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..progress import Progress
from ..raster.window import Window
from .predict import Network, Options, predict

Float = npt.NDArray[np.float32]


def predict_planes(network: Network, planes: Float, options: Options, progress: Progress) -> Float:
    """What the network says (outputs, rows, columns) of planes (channels, rows, columns); see `predict`."""
    answer = np.empty((network.outputs, *planes.shape[1:]), np.float32)

    def read(window: Window) -> Float:
        return np.ascontiguousarray(planes[:, *window.slices])

    def write(window: Window, values: Float) -> None:
        answer[:, *window.slices] = values

    predict(network, read, (planes.shape[1], planes.shape[2]), write, options, progress)
    return answer
