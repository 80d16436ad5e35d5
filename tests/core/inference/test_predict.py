"""The prediction loop, with networks of a few lines and no weights."""

import numpy as np
import pytest
import torch
from fringelens.core.errors import Cancelled, ResourceError
from fringelens.core.inference.device import Device
from fringelens.core.inference.predict import Options, predict
from fringelens.core.progress import Silent
from scipy.signal import convolve2d
from torch import nn

CPU = Device("cpu", bf16=False, label="cpu")


class Blur:
    """A 7 x 7 mean of the first channel, by torch; outside its input it sees zeros."""

    halo, multiple_of, channels, outputs = 3, 1, 1, 1

    def __call__(self, batch):
        return torch.nn.functional.avg_pool2d(batch, 7, 1, 3)


class Coarse(nn.Module):
    """Samples down twice by 2 with learnt-like convolutions and up again, so the sampling grid matters."""

    halo, multiple_of, channels, outputs = 44, 4, 2, 3

    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.first = nn.Conv2d(2, 6, 3, padding=1)
        self.down = nn.Conv2d(6, 8, 3, padding=1, stride=2)
        self.deep = nn.Conv2d(8, 8, 3, padding=1, stride=2)
        self.last = nn.Conv2d(8 + 6, 3, 3, padding=1)

    def forward(self, x):
        fine = self.first(x).relu()
        deep = self.deep(self.down(fine).relu()).relu()
        return self.last(torch.cat((nn.functional.interpolate(deep, scale_factor=4), fine), 1))


class Trims(Coarse):
    """Its first step looks at most of the halo, so that the rest need not be shown it."""

    halo, spare = 44 + 20, 20

    def __init__(self):
        super().__init__()
        self.trims = []

    def forward(self, x):
        return self.trimmed(x, (0, 0, 0, 0))

    def trimmed(self, x, sides):
        self.trims.append(sides)
        top, bottom, left, right = sides
        x = nn.functional.avg_pool2d(x, 41, 1, 20)
        return super().forward(x[:, :, top : x.shape[2] - bottom, left : x.shape[3] - right])


class Recorder(Silent):
    """Keeps what it is told; cancels at a fraction."""

    def __init__(self, cancel_at=None):
        self.cancel_at, self.fractions, self.warnings = cancel_at, [], []

    def update(self, fraction, message=""):
        self.fractions.append(fraction)
        if self.cancel_at is not None and fraction >= self.cancel_at:
            raise Cancelled("stopped")

    def warn(self, message):
        self.warnings.append(message)


def run(network, planes, tile_size, batch=0, progress=None, write=None):
    answer = np.full((network.outputs, *planes.shape[1:]), np.nan, np.float32)
    seen = np.zeros(planes.shape[1:], int)

    def keep(window, values):
        answer[:, *window.slices] = values
        seen[window.slices] += 1

    options = Options(CPU, tile_size=tile_size, batch=batch)
    read = lambda window: planes[:, *window.slices]  # noqa: E731
    predict(network, read, planes.shape[1:], write or keep, options, progress or Silent())
    if write is None:
        assert (seen == 1).all()
    return answer


def planes_of(channels, rows, columns, seed=0):
    return np.random.default_rng(seed).normal(size=(channels, rows, columns)).astype(np.float32)


def test_a_mean_is_what_an_independent_convolution_says():
    planes = planes_of(1, 61, 83)
    expected = convolve2d(np.pad(planes[0], 3, mode="reflect"), np.full((7, 7), 1 / 49), mode="valid")
    answer = run(Blur(), planes, 32)[0]
    inside = slice(2, -2), slice(2, -2)  # the reach ends one pixel beyond the raster
    np.testing.assert_allclose(answer[inside], expected[inside], atol=1e-5)


@pytest.mark.parametrize("shape", [(1, 1), (1, 37), (53, 1), (7, 9), (64, 64), (97, 131), (128, 65), (129, 200)])
def test_tile_size_and_batch_do_not_change_the_result(shape):
    network, planes = Coarse(), planes_of(2, *shape)
    whole = run(network, planes, 4096)
    for tile_size, batch in ((16, 1), (32, 3), (60, 1), (64, 8)):
        np.testing.assert_allclose(run(network, planes, tile_size, batch), whole, atol=1e-5)


def test_what_a_network_drops_on_the_way_is_only_beyond_the_halo_of_the_rest_and_changes_nothing():
    network, planes = Trims(), planes_of(2, 330, 200)
    whole = run(network, planes, 4096)
    assert network.trims == [(0, 0, 0, 0)]  # at the raster's edge all that is there is needed
    np.testing.assert_allclose(run(network, planes, 64, batch=1), whole, atol=1e-5)
    assert {(0, 20, 0, 20), (20, 20, 20, 20), (20, 0, 20, 0)} < set(network.trims)


def test_without_a_halo_tiles_do_not_overlap():
    class Copy:
        halo, multiple_of, channels, outputs = 0, 1, 1, 1

        def __call__(self, batch):
            self.pixels = getattr(self, "pixels", 0) + batch.numel()
            return batch

    network, planes = Copy(), planes_of(1, 40, 50)
    np.testing.assert_array_equal(run(network, planes, 16), planes)
    assert network.pixels == 40 * 50


def test_progress_ends_at_one_and_never_falls():
    progress = Recorder()
    run(Blur(), planes_of(1, 64, 64), 16, progress=progress)
    assert progress.fractions[-1] == 1.0
    assert progress.fractions == sorted(progress.fractions)


def test_cancel_stops_after_one_batch():
    written = []
    progress = Recorder(cancel_at=0.2)
    with pytest.raises(Cancelled):
        run(Blur(), planes_of(1, 64, 64), 16, batch=1, progress=progress, write=lambda w, v: written.append(w))
    assert len(written) <= 4
    assert progress.fractions[-1] < 0.3


def test_an_error_of_the_reader_reaches_the_caller():
    def read(window):
        raise ValueError("no such pixels")

    with pytest.raises(ValueError, match="no such pixels"):
        predict(Blur(), read, (64, 64), lambda w, v: None, Options(CPU, 16), Silent())


def test_an_error_of_the_writer_reaches_the_caller():
    def write(window, values):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        run(Blur(), planes_of(1, 256, 256), 16, write=write)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        MemoryError(),
        RuntimeError("DefaultCPUAllocator: can't allocate memory"),
    ],
)
def test_out_of_memory_halves_batch_then_tile_and_keeps_the_result(error):
    class Small(Coarse):
        """Refuses more pixels than a tile of 32 has with its halo."""

        def forward(self, x):
            if x.shape[0] * x.shape[2] * x.shape[3] > 130 * 130:
                raise error
            return super().forward(x)

    planes, progress = planes_of(2, 200, 200), Recorder()
    answer = run(Small(), planes, 128, batch=4, progress=progress)
    np.testing.assert_allclose(answer, run(Coarse(), planes, 4096), atol=1e-5)
    assert progress.warnings
    assert "half as much" in progress.warnings[0]


def test_no_memory_at_all_is_a_resource_error():
    class Hungry(Blur):
        def __call__(self, batch):
            raise MemoryError

    with pytest.raises(ResourceError, match="DEVICE"):
        run(Hungry(), planes_of(1, 64, 64), 32)


def test_other_errors_of_the_network_are_not_taken_for_memory():
    class Broken(Blur):
        def __call__(self, batch):
            raise RuntimeError("shapes do not match")

    with pytest.raises(RuntimeError, match="shapes do not match"):
        run(Broken(), planes_of(1, 64, 64), 32)


def test_bfloat16_is_close_to_float32():
    planes, network = planes_of(2, 96, 96), Coarse()
    exact = run(network, planes, 64)
    rough = np.empty_like(exact)

    def keep(window, values):
        rough[:, *window.slices] = values

    options = Options(Device("cpu", bf16=True, label="cpu"), 64)
    predict(network, lambda w: planes[:, *w.slices], (96, 96), keep, options, Silent())
    assert 0 < np.abs(rough - exact).max() < 0.05
