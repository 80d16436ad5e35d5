"""Outputs that cannot be written: refused before or during the work, and what was there before stays."""

import os
import resource
import shutil

import numpy as np
import pytest
import rasterio


def test_a_folder_that_does_not_exist(refused, good_phase, outputs):
    refused("output", "nowhere", "folder", INPUT=good_phase, OUTPUT=outputs / "nowhere" / "mask.tif")


def test_a_read_only_disk(refused, good_phase, small_disk):
    place = small_disk(1 << 20, read_only=True)
    refused("output", "disk", "read-only", "choose another folder", INPUT=good_phase, OUTPUT=place / "mask.tif")


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not bind root")
def test_a_read_only_folder(refused, good_phase, outputs):
    outputs.chmod(0o555)
    try:
        refused("output", "outputs", "choose another folder", INPUT=good_phase)
    finally:
        outputs.chmod(0o755)


def test_an_output_that_is_an_input(refused, good_phase):
    before = good_phase.read_bytes()
    refused("input", "good.tif", "input", INPUT=good_phase, OUTPUT=good_phase)
    assert good_phase.read_bytes() == before


def test_an_output_that_is_an_input_by_another_name(refused, good_phase, outputs):
    os.link(good_phase, outputs / "alias.tif")
    refused("input", "alias.tif", "input", INPUT=good_phase, MASKED=outputs / "alias.tif")


def test_an_output_that_is_no_geotiff_by_its_name(refused, good_phase, outputs):
    refused("input", "mask.img", ".tif", INPUT=good_phase, OUTPUT=outputs / "mask.img")


def big_phase(write_raster, rng):
    return write_raster("big.tif", rng.uniform(-3, 3, (900, 1000)).astype(np.float32))


def test_a_disk_that_is_too_small_is_refused_before_the_work(refused, write_raster, rng, small_disk, heard):
    place = small_disk(1 << 20)
    message = refused(
        "output", "bytes free", INPUT=big_phase(write_raster, rng), MASKED=place / "masked.tif", METHOD="network"
    )
    assert "free some space" in message.lower()
    assert list(place.iterdir()) == []


def test_a_disk_that_fills_up_leaves_nothing(refused, write_raster, rng, small_disk, outputs):
    place = small_disk(2_400 << 10)  # more than half of what the noise needs, so the estimate lets it pass
    (place / "mask.tif").write_bytes(b"the old one")
    refused(
        "output", "bytes free", "free some space", INPUT=big_phase(write_raster, rng), THRESHOLD=1.0,
        OUTPUT=place / "mask.tif", MASKED=place / "masked.tif", TILE_SIZE=256,
    )  # fmt: skip
    assert {path.name: path.read_bytes() for path in place.iterdir()} == {"mask.tif": b"the old one"}


@pytest.fixture
def quota():
    """A limit on the size of files, in bytes: fails like a full disk, also without the rights to mount one."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_a_file_that_may_not_grow_leaves_nothing(refused, write_raster, rng, quota, share, outputs):
    path = big_phase(write_raster, rng)
    quota(int(900 * 1000 * 4 * share))
    refused("output", "masked.tif", INPUT=path, THRESHOLD=1.0, MASKED=outputs / "masked.tif", TILE_SIZE=256)


def test_the_estimate_counts_all_outputs_together(refused, write_raster, rng, outputs, monkeypatch):
    path = big_phase(write_raster, rng)
    real = shutil.disk_usage(outputs)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: real._replace(free=3_000_000))
    both = {"MASKED": outputs / "masked.tif", "PROBABILITY": outputs / "probability.tif"}
    refused("output", "3,000,000 bytes free", INPUT=path, **both)


def test_two_jobs_on_one_output(refused, good_phase, outputs):
    from fringelens.core.raster.folder import Lock

    with Lock(outputs / "mask.tif"):
        refused("output", "another job is writing", "mask.tif", INPUT=good_phase)


def test_the_old_output_is_replaced_only_by_a_whole_new_one(job, good_phase, outputs):
    assert (outputs / "mask.tif").read_bytes() == b"the old one"
    job(INPUT=good_phase)
    assert [path.name for path in outputs.iterdir()] == ["mask.tif"]
    with rasterio.open(outputs / "mask.tif") as dataset:
        assert set(np.unique(dataset.read(1))) <= {0, 1}
