"""Classical masks of single scenes, to compare the network with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..phase.otsu import centres, coherence_threshold, histogram, otsu2_mask, otsu_mask, otsu_threshold

Float = NDArray[np.float32]
Bool = NDArray[np.bool_]

LOG_LIMIT = 5.0  # normalised log amplitudes lie within


def otsu(coherence: Float, valid: Bool) -> Bool:
    """Decorrelated where the coherence is below Otsu's threshold of this scene, (rows, cols)."""
    return otsu_mask(coherence, coherence_threshold(histogram(coherence, valid, 0.0, 1.0)))


def otsu2(coherence: Float, log_amplitude: Float, valid: Bool) -> Bool:
    """Decorrelated where coherence and normalised log amplitude are both below their Otsu thresholds."""
    low = coherence_threshold(histogram(coherence, valid, 0.0, 1.0))
    counts = histogram(log_amplitude, valid, -LOG_LIMIT, LOG_LIMIT)
    return otsu2_mask(coherence, log_amplitude, low, otsu_threshold(counts, centres(-LOG_LIMIT, LOG_LIMIT)))


def oracle(coherence: Float, truth: Bool, valid: Bool) -> Bool:
    """The mask of the threshold on coherence with the best IoU, found by knowing the truth; none does better."""
    noisy = np.cumsum(histogram(coherence, valid & truth, 0.0, 1.0))
    clear = np.cumsum(histogram(coherence, valid & ~truth, 0.0, 1.0))
    iou = noisy / np.maximum(noisy[-1] + clear, 1.0)
    best = int(np.argmax(iou))
    upper = (best + 1) / len(iou)
    return coherence < upper
