"""Bad inputs of the phase tools: an error that says what is wrong and what to do, or the right result; no leftovers."""

import math

import numpy as np
import pytest
from fringelens.core.errors import Cancelled

rasterio = pytest.importorskip("rasterio")

SHAPE = (160, 200)

TOOLS = ("unwrapphase", "reconstructphase", "phasetodisplacement", "comparerasters")
# The second raster of each.
OTHER = dict(zip(TOOLS, ("MASK", "MASK", "COHERENCE", "REFERENCE"), strict=True))


@pytest.fixture
def inputs(write_raster, rng):
    """Arguments of each tool that are in order, by its name."""
    wrapped = rng.uniform(-3, 3, SHAPE).astype(np.float32)
    phase = write_raster("wrapped.tif", wrapped)
    unwrapped = write_raster("unwrapped.tif", wrapped + np.linspace(0, 20, SHAPE[1], dtype=np.float32))
    mask = write_raster("mask.tif", (wrapped > 2).astype(np.uint8))
    arguments = {
        "unwrapphase": {"INPUT": phase, "MASK": mask, "METHOD": "mcf"},
        "reconstructphase": {"INPUT": phase, "MASK": mask, "METHOD": "laplace"},
        "phasetodisplacement": {"INPUT": unwrapped, "REFERENCE": "500030,4399970"},
        "comparerasters": {"INPUT": unwrapped, "REFERENCE": unwrapped, "KIND": "unwrapped"},
    }
    return {tool: {"tool": tool, **given} for tool, given in arguments.items()}


@pytest.mark.parametrize("tool", TOOLS)
def test_rasters_on_different_grids_are_named_with_both_files(refused, inputs, write_raster, tool):
    small = write_raster("small.tif", np.zeros((SHAPE[0], SHAPE[1] - 1), np.float32))
    name = OTHER[tool]
    refused("grid", name, "INPUT", "small.tif", **{**inputs[tool], name: small})


@pytest.mark.parametrize("tool", TOOLS)
def test_rasters_that_lie_elsewhere_are_refused_though_their_size_is_the_same(refused, inputs, write_raster, tool):
    shifted = rasterio.Affine(30, 0, 500_015, 0, -30, 4_400_000)
    other = write_raster("shifted.tif", np.zeros(SHAPE, np.float32), transform=shifted)
    name = OTHER[tool]
    refused("grid", name, "INPUT", "shifted.tif", **{**inputs[tool], name: other})


@pytest.mark.parametrize("tool", ["unwrapphase", "reconstructphase"])
@pytest.mark.parametrize(
    ("values", "words"),
    [
        (lambda good: good * 4, "unwrapped?"),
        (lambda good: good + np.float32(math.pi), "0 to 2 pi?"),
        (lambda good: (good * 40).astype(np.int16), "whole numbers"),
    ],
    ids=["unwrapped", "0 to 2 pi", "integers"],
)
def test_phase_that_is_not_wrapped_radians_is_refused(refused, inputs, write_raster, rng, tool, values, words):
    good = rng.uniform(-3.1, 3.1, SHAPE).astype(np.float32)
    strange = write_raster("strange.tif", values(good))
    refused("input", "INPUT", "strange.tif", words, **{**inputs[tool], "INPUT": strange})


def test_complex_phase_is_refused_where_unwrapped_phase_is_wanted(refused, inputs, write_raster):
    signal = write_raster("signal.tif", np.ones(SHAPE, np.complex64))
    refused("input", "complex", "unwrap it", tool="phasetodisplacement", INPUT=signal)
    refused("input", "complex", "KIND wrapped", **{**inputs["comparerasters"], "INPUT": signal})


def test_unwrapped_phase_is_refused_where_wrapped_is_compared(refused, inputs):
    refused("input", "not wrapped", **{**inputs["comparerasters"], "KIND": "wrapped"})


@pytest.mark.parametrize("tool", ["unwrapphase", "reconstructphase"])
def test_a_mask_that_is_a_coherence_is_refused(refused, inputs, write_raster, rng, tool):
    coherence = write_raster("coherence.tif", rng.uniform(0, 1, SHAPE).astype(np.float32))
    refused("input", "MASK", "not a mask", **{**inputs[tool], "MASK": coherence})


@pytest.mark.parametrize("tool", TOOLS)
def test_where_nothing_is_valid_nothing_comes_out_and_it_is_said(job, heard, inputs, write_raster, tool):
    everything = write_raster("every.tif", np.ones(SHAPE, np.uint8))
    nothing = write_raster("nothing.tif", np.full(SHAPE, np.nan, np.float32))
    masked = tool in ("unwrapphase", "reconstructphase")
    given = {"MASK": everything} if masked else {"INPUT": nothing}
    result = job(**{**inputs[tool], **given})
    assert heard.warnings
    if tool == "comparerasters":
        assert result == {"COUNT": 0}
    else:
        with rasterio.open(result["OUTPUT"]) as source:
            assert np.isnan(source.read(1)).all()


def test_without_a_gap_the_phase_comes_back_to_the_last_bit(job, heard, inputs):
    result = job(**{**inputs["reconstructphase"], "MASK": None})
    with rasterio.open(result["OUTPUT"]) as filled, rasterio.open(inputs["reconstructphase"]["INPUT"]) as source:
        assert np.array_equal(filled.read(1), source.read(1))
    assert any("no gap" in line for line in heard.lines)


def test_a_single_row_is_worked_on_or_says_what_is_missing(job, refused, write_raster):
    row = np.linspace(0, 40, 120, dtype=np.float32)[None]
    unwrapped = write_raster("row.tif", row)
    wrapped = write_raster("wrapped_row.tif", np.angle(np.exp(1j * row)).astype(np.float32))
    with rasterio.open(job("unwrapphase", INPUT=wrapped, METHOD="mcf")["OUTPUT"]) as source:
        assert np.ptp(source.read(1) - row) < 1e-3
    mask = write_raster("row_mask.tif", (np.arange(120) // 3 % 9 == 4)[None].astype(np.uint8))
    with rasterio.open(job("reconstructphase", INPUT=wrapped, MASK=mask, METHOD="laplace")["OUTPUT"]) as source:
        assert np.isfinite(source.read(1)).all()
    refused("input", "no reference was found", "Give REFERENCE", tool="phasetodisplacement", INPUT=unwrapped)
    with rasterio.open(job("phasetodisplacement", INPUT=unwrapped, REFERENCE="500015,4399985")["OUTPUT"]) as source:
        assert np.ptp(source.read(1)) == pytest.approx(40 * 0.0554658 * 1000 / (4 * math.pi), rel=1e-3)
    numbers = job("comparerasters", INPUT=unwrapped, REFERENCE=unwrapped, KIND="unwrapped")
    assert numbers["RIGHT_CYCLE_SHARE"] == 1
    assert "SSIM" not in numbers


@pytest.mark.parametrize(
    ("tool", "method", "at"),
    [
        ("unwrapphase", "mcf", "unwrapping"),
        ("unwrapphase", "mcf", "levelling the tiles"),
        ("reconstructphase", "laplace", "predicting"),
        ("reconstructphase", "unwrap", "unwrapping"),
        ("phasetodisplacement", None, "scaling"),
        ("comparerasters", None, "comparing"),
    ],
)
def test_a_cancel_at_work_leaves_the_old_output_and_no_process(
    job, heard, inputs, untouched, monkeypatch, write_raster, rng, tool, method, at
):
    import multiprocessing

    def update(_fraction, message=""):
        if message == at:
            raise Cancelled

    monkeypatch.setattr(heard, "update", update)
    given = {**inputs[tool], **({"METHOD": method} if method else {})}
    if at == "unwrapping":  # noise on which minimum-cost flow is at work for longer than until the next look
        given["INPUT"] = write_raster("noise.tif", rng.uniform(-3, 3, (900, 900)).astype(np.float32))
        given["MASK"] = write_raster("hole.tif", np.pad(np.ones((9, 9), np.uint8), ((400, 491), (400, 491))))
        given["TILE_SIZE"] = 1024
    with pytest.raises(Cancelled):
        job(**given)
    assert untouched()
    assert not multiprocessing.active_children()
