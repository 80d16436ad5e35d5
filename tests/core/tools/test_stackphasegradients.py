"""The stack of gradients as a tool: files in, rates out, whatever the tiles, names and kinds of file."""

import tracemalloc

import numpy as np
import pytest
import rasterio
from fringelens.core.errors import Cancelled
from fringelens.core.phase.gradient_stack import YEAR
from fringelens.core.raster.dates import pairs_of, span_days
from fringelens.core.raster.source import Source
from fringelens.core.tools import stackphasegradients as tool
from recording import Log

SHAPE = (48, 60)
NAMES = ("20180331_20180412", "20180331_20180424", "20180412_20180424", "20180412_20180506", "20180424_20180506")
Y, X = np.mgrid[: SHAPE[0], : SHAPE[1]]


def days(name):
    return span_days(pairs_of([name])[0])


def wrapped(phase):
    return np.angle(np.exp(1j * phase)).astype(np.float32)


@pytest.fixture
def ramps(write_raster):
    """Interferograms of a plane that moves at 1.5 rad per year and pixel to the right and 0.5 upward."""

    def write(names=NAMES, make=wrapped, folder=None, **profile):
        paths = []
        for name in names:
            values = make((1.5 * X - 0.5 * Y) * days(name) / YEAR)
            paths.append(str(write_raster(f"{name}.tif", values, **profile)))
        return paths

    return write


@pytest.fixture
def run(tmp_path):
    def go(paths, progress=None, **changes):
        parameters = {
            "INPUTS": paths,
            "COHERENCES": None,
            "STEP": 3,
            "LOOKS": 1,
            "MAX_DAYS": 36,
            "SKIP_MONTHS": None,
            "DATES": None,
            "BAND": None,
            "ZERO_IS_NODATA": False,
            "TILE_SIZE": 128,
            "OUTPUT": str(tmp_path / "out.tif"),
        } | changes
        log = progress or Log()
        result = tool.run(parameters, log)
        with rasterio.open(result["OUTPUT"]) as raster:
            return raster.read(), result, log, raster.tags(), raster.descriptions, raster.units

    return go


def test_files_give_the_rate_along_columns_and_rows_and_say_what_they_are(run, ramps):
    bands, result, log, tags, descriptions, units = run(ramps())
    np.testing.assert_allclose(bands[0, 3:-3, 3:-3], 1.5, atol=1e-4)
    np.testing.assert_allclose(bands[1, 3:-3, 3:-3], -0.5, atol=1e-4)
    np.testing.assert_allclose(bands[2, 3:-3, 3:-3], 1, atol=1e-5)
    assert result["COUNT"] == 5
    assert result["MEAN_COHERENCE"] == pytest.approx(1)
    assert "(x)" in descriptions[0]
    assert units[:2] == ("rad/yr/pixel", "rad/yr/pixel")
    expected = {"INTERFEROGRAMS": "5", "STEP": "3", "FIRST_DATE": "20180331", "LAST_DATE": "20180506"}
    assert {key: tags[f"FRINGELENS_{key}"] for key in expected} == expected
    assert tags["FRINGELENS_WAVELENGTH"] == "unknown"
    assert not log.warnings


@pytest.mark.parametrize(
    ("make", "warns"),
    [
        (wrapped, False),
        (lambda phase: (3 * np.exp(1j * phase)).astype(np.complex64), False),
        (lambda phase: (40 * phase / 40).astype(np.float32), True),
    ],
    ids=["wrapped", "complex", "unwrapped"],
)
def test_wrapped_complex_and_unwrapped_phase_are_the_same(run, ramps, make, warns):
    bands, _, log, *_ = run(ramps(make=make))
    np.testing.assert_allclose(bands[0, 3:-3, 3:-3], 1.5, atol=1e-4)
    assert any("unwrapped phase in radians" in warning for warning in log.warnings) == warns


def test_the_later_date_first_turns_the_sign_of_the_phase(run, ramps):
    names = [*NAMES[:3], "20180506_20180412", "20180506_20180424"]
    bands, *_ = run(ramps(names))
    np.testing.assert_allclose(bands[0, 3:-3, 3:-3], 1.5, atol=1e-4)


@pytest.mark.parametrize(
    ("side", "profile"), [(32, {"tiled": True, "blockxsize": 16, "blockysize": 16}), (23, {"blockysize": 5})]
)
def test_the_result_does_not_depend_on_the_tiles(run, write_raster, rng, side, profile):
    paths, coherences = [], []
    for name in NAMES:
        phase = wrapped(rng.normal(0, 1, SHAPE))
        phase[rng.random(SHAPE) < 0.02] = np.nan
        paths.append(str(write_raster(f"{name}_phase.tif", phase, **profile)))
        coherence = rng.uniform(0.1, 1, SHAPE).astype(np.float32)
        coherences.append(str(write_raster(f"{name}_cc.tif", coherence, **profile)))
    options = {"LOOKS": 3, "COHERENCES": coherences[::-1]}
    whole, *_ = run(paths, TILE_SIZE=128, **options)
    assert np.isfinite(whole[2]).sum() > 500
    np.testing.assert_array_equal(run(paths, TILE_SIZE=side, **options)[0], whole)


def test_coherences_are_found_by_their_dates_and_may_be_bytes(run, ramps, write_raster):
    paths = ramps()
    values = [np.full(SHAPE, 200 + i, np.uint8) for i in range(5)]
    coherences = [str(write_raster(f"cc_{name}.tif", value)) for name, value in zip(NAMES, values, strict=True)]
    bands, _, log, *_ = run(paths, COHERENCES=coherences[::-1])
    np.testing.assert_allclose(bands[0, 3:-3, 3:-3], 1.5, atol=1e-4)
    assert sum("bytes" in line for line in log.lines) == 1


def test_long_spans_and_skipped_months_are_left_out(run, ramps, write_raster):
    wrong = [
        str(write_raster(f"{name}.tif", np.zeros(SHAPE, np.float32)))
        for name in ("20180101_20180113", "20180331_20180717")
    ]
    bands, result, log, tags, *_ = run(ramps() + wrong, SKIP_MONTHS="12-2")
    assert result["COUNT"] == 5
    np.testing.assert_allclose(bands[0, 3:-3, 3:-3], 1.5, atol=1e-4)
    assert "20180101" not in tags["FRINGELENS_DATES"]
    assert any("5 of 7" in line and "1 span more" in line and "1 have a date" in line for line in log.lines)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", set()), ("6-9", {6, 7, 8, 9}), ("12-2", {12, 1, 2}), ("1, 3;5", {1, 3, 5}), ("4-4", {4})],
)
def test_months_are_read_as_people_write_them(text, expected):
    assert tool.months(text) == expected


def test_memory_is_that_of_a_tile_whatever_the_number_of_files(run, ramps):
    paths = ramps()

    def peak(times):
        stamps = [f"{2000 + i}0101_{2000 + i}0113" for i in range(5 * times)]
        links = paths * times
        tracemalloc.start()
        run(links, DATES=" ".join(stamps))
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(1)
    few, many = peak(1), peak(6)
    assert many < 1.3 * few


def test_few_files_are_open_at_once(run, ramps, monkeypatch):
    alive, most = [0], [0]
    opening, closing = Source.__init__, Source.close

    def count_open(self, *args, **options):
        opening(self, *args, **options)
        alive[0] += 1
        most[0] = max(most[0], alive[0])

    def count_close(self):
        closing(self)
        alive[0] -= 1

    monkeypatch.setattr(Source, "__init__", count_open)
    monkeypatch.setattr(Source, "close", count_close)
    run(ramps())
    assert most[0] <= 2


def test_an_interferogram_without_pixels_is_told_and_does_not_count(run, ramps, write_raster):
    empty = str(write_raster("20180506_20180518.tif", np.full(SHAPE, np.nan, np.float32)))
    bands, _, log, *_ = run([*ramps(), empty])
    np.testing.assert_allclose(bands[0, 3:-3, 3:-3], 1.5, atol=1e-4)
    assert any("1 of 6 interferograms have no valid pixel" in warning for warning in log.warnings)


def test_a_network_in_pieces_is_stacked_alike_and_said(run, ramps):
    pieces = (*NAMES, "20190331_20190412", "20190331_20190424", "20190412_20190424")
    bands, _, log, *_ = run(ramps(pieces))
    np.testing.assert_allclose(bands[0, 3:-3, 3:-3], 1.5, atol=1e-4)
    said = [line for line in log.lines if "2 pieces" in line]
    assert len(said) == 1
    assert "2018-03-31 to 2018-05-06 (4 dates)" in said[0]
    assert not any("pieces" in line for line in run(ramps())[2].lines)


def test_all_empty_gives_no_data_and_a_warning(run, write_raster):
    paths = [str(write_raster(f"{name}.tif", np.full(SHAPE, np.nan, np.float32))) for name in NAMES]
    bands, result, log, *_ = run(paths)
    assert np.isnan(bands).all()
    assert np.isnan(result["MEAN_COHERENCE"])
    assert any("all no data" in warning for warning in log.warnings)


def test_cancel_is_heard_between_files_and_leaves_nothing(run, ramps, tmp_path):
    class Stopping(Log):
        calls = 0

        def update(self, fraction, message=""):
            self.calls += message.startswith("adding")
            if self.calls == 3:
                raise Cancelled

    paths = ramps()
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(Cancelled):
        run(paths, progress=Stopping())
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_subsidence_of_mexico_city_is_that_of_the_unwrapped_network(run, data_folder):
    folder = data_folder / "mexico_city"
    paths = sorted(str(path) for path in folder.glob("2018*_unwrapped.tif"))
    coherences = sorted(str(path) for path in folder.glob("2018*_coherence.tif"))
    bands, result, *_ = run(paths, COHERENCES=coherences, MAX_DAYS=60, LOOKS=3)
    above = below = 0
    for path in paths:
        with rasterio.open(path) as raster:
            span = days(path) / YEAR
            above, below = above + span * raster.read(1).astype(float), below + span**2
    rate = above / below
    expected = np.full(rate.shape, np.nan)
    expected[:, 3:-3] = (rate[:, 6:] - rate[:, :-6]) / 6
    both = np.isfinite(expected) & np.isfinite(bands[0])
    assert result["COUNT"] == 19
    assert np.corrcoef(bands[0][both], expected[both])[0, 1] > 0.97
    assert np.nanpercentile(bands[0], 99) > 3
