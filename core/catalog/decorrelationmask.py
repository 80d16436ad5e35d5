"""Catalog entry of `decorrelationmask`."""

from __future__ import annotations

from .common import BAND, DEVICE, MODEL, TILE_SIZE, ZERO_IS_NODATA
from .types import Output, Parameter, Tool

TOOL = Tool(
    id="decorrelationmask",
    name="Mask decorrelated areas",
    group="Phase",
    summary="Marks where the phase of an interferogram is noise: water, layover, vegetation, change.",
    help=(
        "Looks at the fringes themselves, and at coherence and amplitude where they are given, and marks every pixel"
        " whose phase is too noisy to be used: a standard deviation beyond 1.2 rad, which is where unwrapping fails."
        "\n\nUnlike a coherence threshold it needs no tuning: estimated coherence is biased high exactly where it is"
        " low, and blurred by its window, so that thresholds leave holes in lakes and eat into their shores. The"
        " network learnt from simulated scenes whose true coherence is known.\n\n"
        "Otsu's threshold on coherence (otsu), and on coherence and amplitude (otsu2), are there for comparison."
    ),
    parameters=(
        Parameter(
            "INPUT",
            "raster",
            "Wrapped interferogram",
            "Phase in radians, -pi to pi, or a complex interferogram.",
            unit="rad",
        ),
        Parameter(
            "COHERENCE",
            "raster",
            "Coherence",
            "Coherence as your processor estimated it, on the same grid: 0 to 1, or 0 to 255 as 8-bit integers."
            " Improves the mask; otsu and otsu2 need it.",
            optional=True,
        ),
        Parameter(
            "AMPLITUDE",
            "raster",
            "Amplitude",
            "Amplitude of one of the two images, or their mean, on the same grid; linear (not decibel), calibrated or"
            " not. Improves the mask along shores; otsu2 needs it.",
            optional=True,
        ),
        Parameter(
            "METHOD",
            "choice",
            "Method",
            "network: the trained network; otsu: Otsu's threshold on the coherence; otsu2: Otsu's thresholds on"
            " coherence and amplitude.",
            optional=True,
            default="network",
            choices=("network", "otsu", "otsu2"),
        ),
        Parameter(
            "THRESHOLD",
            "number",
            "Probability threshold",
            "Pixels that are decorrelated with at least this probability are masked. Higher keeps more pixels, lower"
            " masks more. Only for the network.",
            optional=True,
            default=0.5,
            minimum=0.0,
            maximum=1.0,
        ),
        DEVICE,
        BAND,
        ZERO_IS_NODATA,
        TILE_SIZE,
        MODEL,
    ),
    outputs=(
        Output(
            "OUTPUT",
            "raster",
            "Decorrelation mask",
            "1 decorrelated, 0 coherent, 255 no data (8 bits).",
            style="mask",
        ),
        Output(
            "PROBABILITY",
            "raster",
            "Probability of decorrelation",
            "How sure the network is, 0 to 1; NaN is no data. Otsu's thresholds give none.",
            optional=True,
            style="probability",
        ),
        Output(
            "MASKED",
            "raster",
            "Masked interferogram",
            "The wrapped phase, with decorrelated pixels set to no data (NaN).",
            optional=True,
            unit="rad",
            style="wrapped_phase",
        ),
        Output(
            "DECORRELATED_SHARE", "number", "Decorrelated share", "Share of the valid pixels that are masked, 0 to 1."
        ),
    ),
    paper=(
        "Wang, Zhang, Wu (2023), A Deep-Learning-Facilitated, Detection-First Strategy for Operationally Monitoring"
        " Localized Deformation with Large-Scale InSAR, Remote Sensing 15, 2310, section 3.1"
    ),
    tags=("coherence", "decorrelation", "mask", "water", "layover", "insar", "sar", "otsu"),
    network="decorrelation",
    pictures=("decorrelationmask.png",),
)
