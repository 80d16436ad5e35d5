"""The classical detector: depth of bowls from their fringe rate alone."""

import numpy as np
import pytest
import torch
from fringelens.core.detection.fringes import HALF_DEPTH, FringeDetector

SIDE = 240


def depth(phase, places=None):
    """Depth (rad) that the detector gives a phase."""
    rows, columns = np.indices(phase.shape) if places is None else places
    planes = np.stack([np.cos(phase), np.sin(phase), np.ones_like(phase), rows, columns]).astype(np.float32)
    with torch.inference_mode():
        logit = FringeDetector()(torch.from_numpy(planes)[None])[0, 3].numpy()
    return HALF_DEPTH * np.exp(logit)


def bowl(peak, radius):
    y, x = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    return peak * np.exp(-(x**2 + y**2) / (2 * radius**2))


@pytest.mark.parametrize(("peak", "radius"), [(3.0, 8.0), (8.0, 14.0), (25.0, 28.0)])
def test_depth_of_a_bowl_is_found_at_its_middle(peak, radius):
    found = depth(bowl(peak, radius))
    middle = found[SIDE // 2 - 3 : SIDE // 2 + 4, SIDE // 2 - 3 : SIDE // 2 + 4].max()
    assert middle == pytest.approx(peak, rel=0.2)


def test_a_ramp_is_no_bowl_and_has_no_crease_where_it_is_mirrored(phase_ramp):
    ramp = phase_ramp(200, 200, fringes=8)
    rows, columns = np.indices(ramp.shape)
    pad = 60

    def mirrored(plane):
        return np.pad(plane, pad, mode="reflect")

    found = depth(mirrored(ramp), (mirrored(rows), mirrored(columns)))[pad:-pad, pad:-pad]
    assert found[20:-20].max() < 0.5
    assert found[:, 20:-20][:20].max() < 0.5


def test_noise_alone_stays_below_half_a_fringe(rng):
    found = depth(rng.uniform(-np.pi, np.pi, (SIDE, SIDE)))
    assert np.mean(found[40:-40, 40:-40] > HALF_DEPTH) < 0.02
