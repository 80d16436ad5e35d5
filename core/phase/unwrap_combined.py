"""Minimum-cost flow where it can follow the phase, and a network where fringes are closer than two pixels."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.special import expit

from .congruence import make_congruent
from .gradients import Gradient, differences
from .unwrap_integrate import integrate
from .unwrap_line import Unwrapped
from .unwrap_refine import refine
from .wrap import wrap

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]
Solver = Callable[[Float, Bool, Float, float], Unwrapped]

# Predicted gradients, rad per pixel: a region needs pixels of the first, from where on noise was measured to cost MCF
# cycles, and reaches out to the second.
STEEP, GENTLE = 1.0, 0.6
STEEP_PIXELS = 12  # fewer are noise
TROUGH = 0.5  # probability that the network must give somewhere in a region
TAPER = 7  # pixels over which the network's say ends
HALF = 0.5  # of a say; within it, single pixels follow their neighbours
NEIGHBOURS = 7  # pixels on a side of which the median is taken
MARGIN = 8  # pixels around a trough that are looked at with it
MOST_PIXELS = 600_000  # of a trough's rectangle; what is larger is not fitted, and seldom needs it


class Prediction(NamedTuple):
    """What the network says of a raster (rows, columns): gradients and their expected error, rad per pixel; 0..1."""

    gradient: Gradient
    error: Float
    trough: Float

    @classmethod
    def of(cls, outputs: Float) -> Prediction:
        """From the network's (4, rows, columns)."""
        trough = expit(outputs[3])
        error = np.exp(np.clip(outputs[2], -10, 10))
        return cls(Gradient(outputs[0], outputs[1]), error.astype(np.float32), trough.astype(np.float32))


def gate(prediction: Prediction, valid: Bool) -> Float:
    """Where and how far (0..1) the network's gradients count: whole troughs that are too steep for MCF somewhere."""
    slope = prediction.gradient.magnitude()
    reach, count = ndimage.label((slope > GENTLE) & (prediction.trough > 0.1))
    if count == 0:
        return np.zeros_like(slope)
    steep = ndimage.sum_labels((slope > STEEP) & valid, reach, np.arange(count + 1))
    likely = ndimage.maximum(prediction.trough, reach, np.arange(count + 1))
    chosen = (steep >= STEEP_PIXELS) & (np.asarray(likely) > TROUGH)
    chosen[0] = False
    inside = ndimage.binary_closing(np.pad(chosen[reach], TAPER), iterations=TAPER)[TAPER:-TAPER, TAPER:-TAPER]
    inside = ndimage.binary_fill_holes(inside | chosen[reach])
    wide = ndimage.binary_dilation(inside, iterations=TAPER)
    say: Float = ndimage.uniform_filter(wide.astype(np.float32), TAPER)
    return say


def by_network(phase: Float, valid: Bool, prediction: Prediction) -> Unwrapped:
    """The predicted field made congruent with the wrapped phase; its constant is the one that fits the phase best.

    Components are what valid pixels connect: the network says nothing about where its field tears.
    """
    field = integrate(prediction.gradient)
    offset = np.angle(np.sum(np.exp(1j * (phase - field)[valid])))
    whole = np.where(valid, make_congruent(field + np.float32(offset), phase), 0)
    components, count = ndimage.label(valid)
    order = np.argsort(-np.bincount(components.ravel(), minlength=count + 1)[1:], kind="stable")
    rank = np.zeros(count + 1, np.uint32)
    rank[order + 1] = np.arange(1, count + 1)
    return Unwrapped(whole.astype(np.float32), rank[components])


def combined(
    phase: Float, valid: Bool, coherence: Float, looks: float, prediction: Prediction, solve: Solver
) -> Unwrapped:
    """Unwrap the phase that is left when the network's field is taken out of steep troughs, and add the field again.

    The field is first fitted to the fringes. What is left is flat where that is right, and MCF's own business where the
    network is not asked, so that nothing has to be joined: one solution, without a step, congruent with the phase
    everywhere. In the troughs single pixels that noise put into another cycle follow their neighbours. Without a steep
    trough the result is the solver's own.
    """
    say = gate(prediction, valid)
    if not say.any():
        return solve(phase, valid, coherence, looks)
    model = _model(phase, valid, prediction, say)
    rest = wrap(phase - model)
    solved = solve(np.where(valid, rest, 0).astype(np.float32), valid, coherence, looks)
    level = _settled(solved.phase, (say > HALF) & valid)
    whole = make_congruent(level.astype(np.float64) + model, phase)
    return Unwrapped(np.where(valid, whole, 0).astype(np.float32), solved.components)


def _settled(level: Float, inside: Bool) -> Float:
    """The median of the neighbours where `inside`, the level itself elsewhere; only looks around what is inside."""
    settled, areas = level.copy(), ndimage.label(inside)[0]
    for area, box in enumerate(ndimage.find_objects(areas), start=1):
        around = tuple(slice(max(0, side.start - NEIGHBOURS), side.stop + NEIGHBOURS) for side in box)
        here = areas[around] == area
        settled[around][here] = ndimage.median_filter(level[around], NEIGHBOURS)[here]
    return settled


def _model(phase: Float, valid: Bool, prediction: Prediction, say: Float) -> Float:
    """The field of all troughs, each fitted to the fringes in its own rectangle."""
    gradient = Gradient(prediction.gradient.down * say, prediction.gradient.right * say)
    areas, _ = ndimage.label(say > 0)
    for area, box in enumerate(ndimage.find_objects(areas), start=1):
        rows, columns = (slice(max(0, side.start - MARGIN), side.stop + MARGIN) for side in box)
        here = areas[rows, columns] == area
        if here.size > MOST_PIXELS:
            continue
        part = Gradient(gradient.down[rows, columns] * here, gradient.right[rows, columns] * here)
        trough = integrate(part)
        trough -= np.median(trough[~here]) if not here.all() else np.float32(0)
        weight = say[rows, columns] * here * valid[rows, columns] * (part.magnitude() > GENTLE)
        fitted = refine(phase[rows, columns], trough, weight.astype(np.float32)).model
        changed = differences(fitted.astype(np.float32), np.ones(here.shape, bool), wrapped=False)
        gradient.down[rows, columns][here] = changed.down[here]
        gradient.right[rows, columns][here] = changed.right[here]
    return integrate(gradient)
