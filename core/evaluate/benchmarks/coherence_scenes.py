"""The pairs of detected images that coherence estimates are compared on: held-out grounds, always the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch

from ...simulate.detected_ground import GroundOptions
from ...simulate.detected_scene import MOST_BLUR, DetectedPair, PairOptions, simulate_pairs

SIDE, BATCH = 160, 8  # pixels and scenes
SEED = 515_151

# Areas around random points, of coherence that is spread evenly over 0 to 1, with nothing but speckle in them.
PLAIN = GroundOptions(
    "held_out",
    land_share=0.0,
    textured_share=0.0,
    smooth_share=0.0,
    changing_share=0.0,
    points_share=0.0,
    incoherent_share=0.0,
    concentrated_share=0.0,
    contrast=1.0,
    cells=14,
    bent_share=0.0,
)
EASY = PairOptions(
    batch=BATCH,
    rows=SIDE,
    cols=SIDE,
    ground=PLAIN,
    looks=(4,),
    looks_weights=(1,),
    correlated_share=0.0,
    blurred_share=0.0,
    shifted_share=0.0,
    border_share=0.0,
    hole_share=0.0,
)

# Pairs as users have them: textured, changing, of unknown looks, correlated, not quite on each other; no land cover,
# whose looks would help a network that knows it.
HARD = replace(
    EASY,
    ground=GroundOptions(
        "held_out",
        land_share=0.0,
        textured_share=1.0,
        points_share=0.0,
        incoherent_share=0.1,
        concentrated_share=0.2,
        texture=0.4,
        contrast=3.0,
        cells=14,
    ),
    looks=(3, 4, 5, 6),
    looks_weights=(1, 1, 1, 1),
    correlated_share=1.0,
    oversampling=(1.1, 2.0),
    blurred_share=0.2,
    shifted_share=1.0,
    most_shift=1.5,
)
SHIFTS = (0.0, 0.5, 1.0, 2.0)
LOOKS = (1.0, 2.0, 4.0, 6.0, 10.0, 20.0)


@dataclass(frozen=True, eq=False)
class Cell:
    """One set of pairs: what it is called, what is drawn, and how many scenes."""

    name: str
    options: PairOptions
    scenes: int

    def draw(self, device: torch.device) -> Iterator[DetectedPair]:
        """The pairs in batches; the same seeds for every cell, so that cells differ in what they vary alone."""
        for index in range(-(-self.scenes // BATCH)):
            yield simulate_pairs(self.options, torch.Generator().manual_seed(SEED + index), device)


def headline_cells(scenes: int) -> list[Cell]:
    """The easy and the hard set."""
    return [Cell("easy", EASY, scenes), Cell("hard", HARD, scenes)]


def shift_cells(scenes: int) -> list[tuple[float, Cell, Cell]]:
    """The easy and the hard set at each misregistration, in pixels along a random direction."""
    cells = []
    for shift in SHIFTS:
        moved = {"shifted_share": 1.0, "least_shift": shift, "most_shift": shift}
        easy, hard = (replace(options, **moved) for options in (EASY, HARD))  # type: ignore[arg-type]
        cells.append((shift, Cell(f"easy, {shift:g} px", easy, scenes), Cell(f"hard, {shift:g} px", hard, scenes)))
    return cells


def straight_cells(scenes: int) -> tuple[Cell, Cell]:
    """The easy and the hard set a whole pixel apart, along columns."""
    easy, hard = (replace(options, shifted_share=1.0, exact_shift=(0.0, 1.0)) for options in (EASY, HARD))
    return Cell("easy, 1 px along columns", easy, scenes), Cell("hard, 1 px along columns", hard, scenes)


def looks_cells(scenes: int) -> list[tuple[float, Cell, Cell]]:
    """The easy and the hard set at each number of looks."""
    cells = []
    for looks in LOOKS:
        easy, hard = (replace(options, looks=(looks,), looks_weights=(1.0,)) for options in (EASY, HARD))
        cells.append(
            (looks, Cell(f"easy, {looks:g} looks", easy, scenes), Cell(f"hard, {looks:g} looks", hard, scenes))
        )
    return cells


def failing_cells(scenes: int) -> list[Cell]:
    """Pairs on which detected images mislead: texture without coherence, speckle averaged away."""
    rough = GroundOptions("held_out", land_share=0.0, textured_share=1.0, incoherent_share=1.0, points_share=1.0)
    land = GroundOptions("held_out", land_share=1.0, points_share=0.0)
    points = replace(HARD.ground, points_share=1.0)
    return [
        Cell("hard, land cover as simulated interferograms have it", replace(HARD, ground=land), scenes),
        Cell("hard, strong points", replace(HARD, ground=points), scenes),
        Cell("hard, blurred by 3 x 3 pixels", replace(HARD, blurred_share=1.0, least_blur=MOST_BLUR), scenes),
        Cell("texture and points, all incoherent", replace(HARD, ground=rough), scenes),
    ]
