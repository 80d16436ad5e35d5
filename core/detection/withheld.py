"""Detections that hang on a few pixels: the network is asked again without the strongest of them.

A roof, a pole or a wrong height moves a handful of pixels, and each shows in the gradients beside it. A landslide moves
as a whole, so that it is still seen without the tenth of its ground that speaks loudest (a jackknife: Tukey 1958).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy import ndimage
from scipy.special import expit

from ..inference.tiles import Read, read_reflected
from ..raster.window import Window
from .boxes import Boxes, Float, merge, overlaps, propose
from .outlines import Probability, body_of

SHARE = 0.1  # of the ground of a detection that is withheld
GROWN = 3  # pixels around a body in which its gradients lie: half of what they are taken over
MOST = 120  # pixels of a body; what is larger hangs on no handful
SIDE = 96  # pixels of the square in which the network is asked again
SAME = 0.25  # overlap of boxes from which what is found again is the same
FAINT = 0.02  # score of what is looked at
MEASURED = slice(4)  # planes that a pixel without data has at 0: gradients, coherence, validity

Bool = npt.NDArray[np.bool_]


def all_steadied(
    network: Any,
    read: Read,
    probability: Probability,
    boxes: Boxes,
    shape: tuple[int, int],
    stride: int,
    *,
    least: float = 0.0,
    update: Callable[[float], object] = lambda _share: None,
) -> Boxes:
    """The boxes with what `steadied` leaves of their scores, surest first; those below `least` are not asked for.

    probability: of bodies, in a window; update: is told the share that is done. Outlines are to be taken anew from
    what stays, so that a detection that loses its score takes no ground from its neighbours.
    """
    scores = boxes.scores.copy()
    for index in np.flatnonzero(boxes.scores >= least):
        update(index / len(scores))
        body, window = body_of(probability, boxes, int(index), shape)
        alone = boxes.take(np.array([index]))
        scores[index] = steadied(network, read, shape, body, (window.row, window.column), alone, stride)
    order = np.argsort(-scores, kind="stable")
    return Boxes(boxes.edges[order], scores[order])


def steadied(
    network: Any, read: Read, shape: tuple[int, int], body: Bool, origin: tuple[int, int], found: Boxes, stride: int
) -> float:
    """Score of one detection (`found` holds it alone): geometric mean of those with and without its strongest pixels.

    network: from planes (1, channels, h, w) to logits and sides as `models.landslide_detection.network` gives them, by
    cells of `stride`; read: planes of a window of a raster of `shape`; body: pixels of a window that begins at `origin`
    (row, column). The square that is asked does not depend on any tiling. Large bodies keep their score.
    """
    edges, score = found.edges[0], float(found.scores[0])
    square = _square(edges, shape, network.multiple_of)
    rows, columns = np.nonzero(body)
    if not 0 < len(rows) <= MOST:
        return score
    rows, columns = rows + origin[0] - square.row, columns + origin[1] - square.column
    if min(rows.min(), columns.min()) < 0 or max(rows.max(), columns.max()) >= SIDE:
        return score
    rows, columns = rows + square.row, columns + square.column

    def read_without(window: Window) -> Float | None:
        """Withheld before the raster is reflected at its edge, so that the mirror image is withheld, too."""
        planes = read(window)
        if planes is None:
            return None
        whole = np.zeros((window.height, window.width), bool)
        whole[rows - window.row, columns - window.column] = True
        return withheld(planes, whole)

    planes = read_reflected(read_without, square, shape)
    if planes is None:
        return score
    device = next((part.device for part in network.parameters()), torch.device("cpu"))
    with torch.inference_mode():
        said = network(torch.from_numpy(planes)[None].to(device))[0].float().cpu()
    cells = said[1:, ::stride, ::stride].numpy()
    again = merge(propose(expit(cells[0]), cells[1:], stride, (square.row, square.column), FAINT))
    same = overlaps(again.edges, edges[None])[:, 0] > SAME
    left_over = float(again.scores[same].max()) if same.any() else 0.0
    return min(score, float(np.sqrt(score * left_over)))


def withheld(planes: Float, body: Bool) -> Float:
    """Planes (channels, h, w) without data where SHARE of the grown body (h, w) has its largest gradients."""
    ground = ndimage.binary_dilation(body, iterations=GROWN) & (planes[3] > 0)
    size = np.where(ground, np.abs(planes[:2]).max(0), -1.0)
    count = int(SHARE * np.count_nonzero(ground))
    strongest = np.argsort(-size, axis=None, kind="stable")[:count]
    made = planes.copy()
    made[MEASURED].reshape(MEASURED.stop, -1)[:, strongest] = 0.0
    return made


def _square(edges: Float, shape: tuple[int, int], multiple: int) -> Window:
    """The square of SIDE pixels around a box, on the grid of the network's cells, within the raster where it fits."""
    starts = []
    for low, high, length in ((edges[0], edges[2], shape[0]), (edges[1], edges[3], shape[1])):
        start = round((float(low + high) - SIDE) / 2 / multiple) * multiple
        last = -(-max(length - SIDE, 0) // multiple) * multiple
        starts.append(min(max(start, 0), last))
    return Window(starts[0], starts[1], SIDE, SIDE)
