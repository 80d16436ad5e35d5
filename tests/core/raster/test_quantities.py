"""Phase, coherence and amplitude in one unit, or refused with a hint; products recognised by their names."""

import numpy as np
import pytest
from fringelens.core.errors import InputError
from fringelens.core.progress import Silent
from fringelens.core.raster.products import recognise, zero_is_nodata
from fringelens.core.raster.provenance import provenance
from fringelens.core.raster.quantities import Amplitude, Coherence, WrappedPhase, sample
from fringelens.core.raster.source import Source
from fringelens.core.raster.window import Window, scattered_windows, windows
from recording import Log

WHOLE = Window(0, 0, 120, 110)


@pytest.fixture
def wrapped(rng):
    return rng.uniform(-np.pi, np.pi, (120, 110)).astype(np.float32)


def test_wrapped_radians_pass_unchanged(write_raster, wrapped):
    wrapped[0, 0] = np.float32(np.pi)  # float32 rounds pi up
    log = Log()
    with Source(write_raster("a.tif", wrapped)) as source:
        phase = WrappedPhase(source, log)
        phase.check()
        np.testing.assert_array_equal(phase.read(WHOLE).values, wrapped)
    assert not log.warnings


def test_complex_gives_its_angle_and_zero_is_no_data(write_raster, wrapped):
    values = (3 * np.exp(1j * wrapped)).astype(np.complex64)
    values[5, 6] = 0
    with Source(write_raster("a.tif", values)) as source:
        patch = WrappedPhase(source).read(WHOLE)
    assert patch.valid.sum() == wrapped.size - 1
    assert not patch.valid[5, 6]
    np.testing.assert_allclose(patch.values[patch.valid], wrapped[patch.valid], atol=1e-5)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda w: w * 4, "not wrapped radians .unwrapped"),
        (lambda w: np.degrees(w), "degrees"),
        (lambda w: w + np.float32(np.pi), "0 to 2 pi"),
    ],
)
def test_what_is_not_wrapped_is_refused(write_raster, wrapped, make, words):
    with Source(write_raster("a.tif", make(wrapped))) as source, pytest.raises(InputError, match=words) as caught:
        WrappedPhase(source).check()
    for part in ("INPUT", "a.tif", "span", "-pi..pi"):
        assert part in str(caught.value)


def test_whole_numbers_are_no_radians(write_raster):
    with Source(write_raster("a.tif", np.ones((9, 9), np.int16))) as source, pytest.raises(InputError, match="int16"):
        WrappedPhase(source).check()


def test_a_phase_in_cycles_is_warned_of(write_raster, wrapped):
    log = Log()
    with Source(write_raster("a.tif", wrapped / np.float32(2 * np.pi))) as source:
        WrappedPhase(source, log).check()
    assert "cycles" in log.warnings[0]


def test_a_coherence_in_the_place_of_the_phase_is_warned_of(write_raster, rng):
    log = Log()
    with Source(write_raster("a.tif", rng.uniform(0.01, 0.99, (200, 200)).astype(np.float32))) as source:
        WrappedPhase(source, log).check()
    assert "if it is a coherence" in log.warnings[0]


def test_bytes_of_coherence_are_scaled_and_logged(write_raster):
    log = Log()
    values = np.arange(256, dtype=np.uint8).reshape(16, 16)
    with Source(write_raster("a.tif", values), name="COHERENCE") as source:
        patch = Coherence(source, log).read(Window(0, 0, 16, 16))
    np.testing.assert_allclose(patch.values, values / 255, atol=1e-6)
    assert "0 to 255" in log.lines[0]


def test_coherence_within_its_tolerance_is_clipped(write_raster):
    values = np.array([[-5e-7, 0.5, 1 + 5e-7]], np.float32)
    with Source(write_raster("a.tif", values), name="COHERENCE") as source:
        patch = Coherence(source, Silent()).read(Window(0, 0, 1, 3))
    np.testing.assert_array_equal(patch.values, np.array([[0, 0.5, 1]], np.float32))


@pytest.mark.parametrize(
    ("largest", "hint"), [(1.01, "percent"), (100, "percent"), (255, "0 to 255"), (4000, "amplitude"), (-1, "phase")]
)
def test_what_is_no_coherence_is_refused(write_raster, largest, hint):
    values = np.array([[0.5, largest]], np.float32)
    with (
        Source(write_raster("a.tif", values), name="COHERENCE") as source,
        pytest.raises(InputError, match=f"COHERENCE.*a.tif.*{hint}"),
    ):
        Coherence(source, Silent()).check()


def test_complex_is_no_coherence(write_raster):
    with (
        Source(write_raster("a.tif", np.ones((4, 4), np.complex64))) as source,
        pytest.raises(InputError, match="complex"),
    ):
        Coherence(source, Silent())


def test_amplitude_is_the_magnitude_and_never_negative(write_raster):
    with Source(write_raster("a.tif", np.full((4, 4), 3 + 4j, np.complex64))) as source:
        np.testing.assert_allclose(Amplitude(source).read(Window(0, 0, 4, 4)).values, 5)
    with (
        Source(write_raster("b.tif", np.full((4, 4), -12, np.float32)), name="AMPLITUDE") as source,
        pytest.raises(InputError, match="decibels"),
    ):
        Amplitude(source).check()


def test_invalid_pixels_do_not_count_for_the_range(write_raster):
    values = np.full((4, 4), 2.0, np.float32)
    values[0] = np.nan
    with Source(write_raster("a.tif", values), name="AMPLITUDE") as source:
        Amplitude(source).check()
        assert set(sample(Amplitude(source))) == {2.0}


def test_the_sample_covers_small_rasters_and_spreads_over_large_ones():
    assert sum(w.pixels for w in scattered_windows((500, 300), 128, 100)) == 500 * 300
    large = scattered_windows((17_000, 25_000), 128, 100)
    assert len(large) == 100
    assert (large[0].row, large[0].column) == (0, 0)
    assert large[-1].row + large[-1].height == 17_000
    assert len({(w.row, w.column) for w in large}) == 100


def test_windows_cover_each_pixel_once():
    seen = np.zeros((130, 67), int)
    for window in windows(seen.shape, 32):
        seen[window.slices] += 1
    assert (seen == 1).all()


@pytest.mark.parametrize(
    ("name", "product"),
    [
        ("20210218_20210303.geo.diff_pha.tif", "LiCSAR"),
        ("20210218_20210303.geo.cc.tif", "LiCSAR"),
        ("S1AA_20200101T120000_20200113T120000_VVP012_INT80_G_weF_A1B2_wrapped_phase.tif", "HyP3"),
        ("S1_012345_IW1_20200101_20200113_VV_INT80_1A2B_corr.tif", "HyP3"),
        ("S1AA_20200101T120000_20200113T120000_VVP012_INT80_G_weF_A1B2_water_mask.tif", ""),
        ("20210218_20210303_wrapped.tif", ""),
    ],
)
def test_products_are_known_by_name_alone(name, product):
    assert recognise(f"/data/{name}") == product
    log = Log()
    assert zero_is_nodata(name, requested=False, name="INPUT", progress=log) == bool(product)
    assert len(log.lines) == bool(product)
    assert zero_is_nodata(name, requested=True, name="INPUT", progress=log)


def test_provenance_names_files_without_their_folders():
    tags = provenance("tool", {"INPUT": "/home/somebody/a.tif", "THRESHOLD": 0.5, "BAND": None}, "ab" * 32)
    assert "somebody" not in str(tags)
    assert tags["FRINGELENS_PARAMETERS"] == '{"INPUT": "a.tif", "THRESHOLD": 0.5}'
    assert tags["FRINGELENS_WEIGHTS_SHA256"] == "ab" * 32
