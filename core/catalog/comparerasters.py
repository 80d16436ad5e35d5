"""Catalog entry of `comparerasters`."""

from __future__ import annotations

from .common import BAND, TILE_SIZE, ZERO_IS_NODATA
from .types import Output, Parameter, Tool

_NUMBERS = (
    ("COUNT", "Pixels compared", ""),
    ("MAE", "Mean absolute difference", ""),
    ("RMSE", "Root mean square difference", ""),
    ("BIAS", "Mean difference", ""),
    ("SSIM", "Structural similarity", ""),
    ("PSNR", "Peak signal-to-noise ratio", "dB"),
    ("CORRELATION", "Correlation", ""),
    ("CIRCULAR_MAE", "Mean absolute difference around the circle", "rad"),
    ("CIRCULAR_RMSE", "Root mean square difference around the circle", "rad"),
    ("CONGRUENCE_ERROR", "Distance from whole cycles", "rad"),
    ("RIGHT_CYCLE_SHARE", "Share in the right cycle", ""),
    ("CONSTANT", "Constant that was removed", "rad"),
    ("IOU", "Intersection over union", ""),
    ("PRECISION", "Precision", ""),
    ("RECALL", "Recall", ""),
    ("F1", "F1 score", ""),
    ("ACCURACY", "Accuracy", ""),
)

TOOL = Tool(
    id="comparerasters",
    name="Compare rasters",
    group="Evaluation",
    summary="Says in numbers and pictures how far a result is from a reference.",
    help=(
        "Compares two rasters on the same grid where both are valid (and MASK does not leave them out), in the way that"
        " fits what they hold.\n\n"
        "wrapped: differences around the circle; and MAE, RMSE, SSIM and PSNR of the phase scaled to 0 to 1, as papers"
        " state them, although they count a jump of a cycle as an error. Their correlation is the length of the mean"
        " phasor of the difference, 1 where only a constant lies between the two.\n\n"
        "unwrapped: one constant, the median difference, is removed first; the share in the right cycle is that of the"
        " pixels within half a cycle, and the congruence error says how far the two are from differing by whole cycles"
        " (before the constant is removed), as an unwrapped phase differs from its wrapped one.\n\n"
        "mask: anything but 0 is marked. coherence and continuous: plain differences."
    ),
    parameters=(
        Parameter("INPUT", "raster", "Raster", "The result to judge."),
        Parameter("REFERENCE", "raster", "Reference", "What it is judged by, on the same grid."),
        Parameter(
            "MASK", "raster", "Mask", "1 where pixels are to be left out; 0 and no data are kept.", optional=True
        ),
        Parameter(
            "KIND",
            "choice",
            "What they hold",
            "wrapped phase (rad), unwrapped phase (rad), coherence (0 to 1, or bytes), mask, or continuous values.",
            optional=True,
            default="continuous",
            choices=("wrapped", "unwrapped", "coherence", "mask", "continuous"),
        ),
        BAND,
        ZERO_IS_NODATA,
        TILE_SIZE,
    ),
    outputs=(
        Output(
            "REPORT",
            "report",
            "Report",
            "A page with the numbers, pictures of both and of their difference, and its histogram.",
            optional=True,
        ),
        *(Output(name, "number", label, f"{label}, where KIND has it.", unit=unit) for name, label, unit in _NUMBERS),
    ),
    paper="Wang et al. (2004), IEEE Transactions on Image Processing 13(4) (SSIM)",
    tags=("compare", "accuracy", "error", "validation", "ssim", "rmse", "iou"),
)
