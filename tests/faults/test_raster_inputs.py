"""Inputs that cannot be used: one error that names the file and the remedy, and nothing is written."""

import numpy as np
import pytest
import rasterio
from affine import Affine


def test_a_missing_file(refused, tmp_path):
    refused("input", "INPUT", "nowhere.tif", "there is no file", "check the path", INPUT=tmp_path / "nowhere.tif")


def test_a_folder(refused, tmp_path):
    refused("input", "INPUT", "is a folder", INPUT=tmp_path)


def test_an_empty_file(refused, tmp_path):
    (tmp_path / "empty.tif").touch()
    refused("input", "empty.tif", "0 bytes", "fetch it again", INPUT=tmp_path / "empty.tif")


def test_a_web_page_saved_as_a_raster(refused, tmp_path):
    (tmp_path / "login.tif").write_text("\n<!DOCTYPE html><html><body>Please log in</body></html>")
    refused("input", "login.tif", "web page", "log in", INPUT=tmp_path / "login.tif")


def test_a_zip_archive(refused, tmp_path):
    (tmp_path / "product.tif").write_bytes(b"PK\x03\x04" + bytes(500))
    refused("input", "product.tif", "zip archive", "unpack", INPUT=tmp_path / "product.tif")


def test_text_that_is_no_raster(refused, tmp_path):
    (tmp_path / "notes.tif").write_text("these are notes\n" * 100)
    refused("input", "notes.tif", "not a raster", "gdal_translate", INPUT=tmp_path / "notes.tif")


def test_a_picture(refused, tmp_path):
    (tmp_path / "browse.tif").write_bytes(b"\xff\xd8\xff\xe0" + bytes(500))
    refused("input", "browse.tif", "JPEG", "GeoTIFF", INPUT=tmp_path / "browse.tif")


def test_a_headerless_file(refused, tmp_path, rng):
    (tmp_path / "20200101_20200113.diff").write_bytes(rng.normal(size=4000).astype(">f4").tobytes())
    refused("input", ".diff", "no header", "data2geotiff", INPUT=tmp_path / "20200101_20200113.diff")


def test_a_format_off_the_list(refused, tmp_path):
    (tmp_path / "points.xyz").write_text("".join(f"{x} {y} 0.5\n" for y in range(9) for x in range(9)))
    refused("input", "points.xyz", "not a raster of a format", INPUT=tmp_path / "points.xyz")


@pytest.mark.parametrize(
    "address", ["/vsicurl/http://example.invalid/a.tif", "https://example.invalid/a.tif", "s3://bucket/a.tif"]
)
def test_a_remote_file(refused, address):
    refused("input", "network", "download", INPUT=address)


def test_a_vrt_of_a_remote_file(refused, tmp_path):
    (tmp_path / "a.vrt").write_text(
        '<VRTDataset rasterXSize="5" rasterYSize="4"><VRTRasterBand dataType="Float32" band="1"><SimpleSource>'
        "<SourceFilename>/vsicurl/http://example.invalid/a.tif</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    refused("input", "a.vrt", "network", "download", INPUT=tmp_path / "a.vrt")


@pytest.mark.parametrize("compress", ["none", "deflate"])
@pytest.mark.parametrize("share", [0.5, 0.99])
def test_a_truncated_file(refused, write_raster, rng, share, compress):
    values = rng.uniform(-3, 3, (512, 512)).astype(np.float32)
    path = write_raster("cut.tif", values, tiled=True, blockxsize=128, blockysize=128, compress=compress)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    refused("input", "cut.tif", "incomplete", "again", INPUT=path)


def test_a_file_cut_within_its_header(refused, good_phase):
    good_phase.write_bytes(good_phase.read_bytes()[:100])
    refused("input", "good.tif", "damaged or incomplete", INPUT=good_phase)


def test_a_damaged_block_found_half_way(refused, write_raster, rng):
    values = rng.uniform(-3, 3, (512, 512)).astype(np.float32)
    path = write_raster("flipped.tif", values, tiled=True, blockxsize=64, blockysize=64, compress="deflate")
    with rasterio.open(path) as dataset:
        offset = int(dataset.get_tag_item("BLOCK_OFFSET_4_5", "TIFF", bidx=1))
    data = bytearray(path.read_bytes())
    data[offset : offset + 64] = bytes(64)
    path.write_bytes(data)
    refused("input", "flipped.tif", "cannot be read at rows", "download it again", INPUT=path, TILE_SIZE=128)


def test_a_header_that_declares_the_impossible(refused, tmp_path):
    options = {"width": 200_000, "height": 200_000, "count": 1, "dtype": "complex64", "tiled": True, "sparse_ok": True}
    options |= {"bigtiff": "yes", "blockxsize": 4096, "blockysize": 4096, "transform": Affine(30, 0, 0, 0, -30, 0)}
    rasterio.open(tmp_path / "huge.tif", "w", driver="GTiff", **options).close()
    refused("input", "huge.tif", "200000", "cut", INPUT=tmp_path / "huge.tif")


def test_several_bands_and_none_chosen(refused, write_raster):
    path = write_raster("stack.tif", np.zeros((3, 40, 50), np.float32))
    refused("input", "stack.tif", "3 bands", "BAND", INPUT=path)
    refused("input", "stack.tif", "no band 4", INPUT=path, BAND=4)


def test_several_bands_of_a_further_input(refused, good_phase, write_raster):
    path = write_raster("stack.tif", np.zeros((3, 160, 200), np.float32))
    refused("input", "COHERENCE", "3 bands", "export", INPUT=good_phase, COHERENCE=path)


@pytest.mark.parametrize(("factor", "hint"), [(7, "unwrapped"), (57.3, "degrees")])
def test_a_phase_that_is_not_wrapped_radians(refused, write_raster, rng, factor, hint):
    values = (factor * rng.uniform(-3.14, 3.14, (160, 200))).astype(np.float32)
    refused("input", "a.tif", "span", "not wrapped radians", hint, INPUT=write_raster("a.tif", values))


def test_one_unwrapped_corner_that_no_sample_sees_is_found_while_running(refused, write_raster, rng):
    values = rng.uniform(-3.14, 3.14, (1500, 1500)).astype(np.float32)
    path = write_raster("a.tif", values)
    from fringelens.core.raster.quantities import WrappedPhase, sample
    from fringelens.core.raster.source import Source

    with Source(path) as source:
        seen = set(sample(WrappedPhase(source)).tolist())
    row, column = next(
        (r, c) for r in range(0, 1500, 50) for c in range(0, 1500, 50) if float(values[r, c]) not in seen
    )
    values[row, column] = 40
    refused("input", "a.tif", "not wrapped radians", INPUT=write_raster("a.tif", values), TILE_SIZE=256)


@pytest.mark.parametrize("largest", [1.5, 80, 255])
def test_float_coherence_over_one(refused, good_phase, write_raster, largest):
    values = np.full((160, 200), largest, np.float32)
    refused("input", "COHERENCE", "c.tif", "0 to 1", "scale", INPUT=good_phase, COHERENCE=write_raster("c.tif", values))


def test_coherence_of_bytes_runs_and_says_so(job, good_phase, write_raster, heard):
    job(INPUT=good_phase, COHERENCE=write_raster("c.tif", np.full((160, 200), 200, np.uint8)))
    assert any("scaled to 0 to 1" in line for line in heard.lines)


def test_amplitude_in_decibels(refused, good_phase, write_raster):
    values = np.full((160, 200), -12.5, np.float32)
    refused("input", "AMPLITUDE", "a.tif", "decibels", INPUT=good_phase, AMPLITUDE=write_raster("a.tif", values))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"crs": "EPSG:32635"}, "CRS differ"),
        ({"crs": None}, "has none"),
        ({"transform": Affine(30, 0, 500_009, 0, -30, 4_400_000)}, "0.3 pixels apart"),
        ({"transform": Affine(30, 0, 500_000, 0, 30, 4_400_000)}, "pixels apart"),
        ({"shape": (160, 201)}, "sizes differ"),
    ],
)
def test_grids_that_differ(refused, good_phase, write_raster, change, words):
    values = np.full(change.pop("shape", (160, 200)), 0.5, np.float32)
    other = write_raster("other.tif", values, **change)
    refused("grid", "COHERENCE", "other.tif", "INPUT", "good.tif", words, "QGIS", INPUT=good_phase, COHERENCE=other)


@pytest.mark.parametrize("filling", [np.nan, np.inf, -9999.0])
def test_no_valid_pixel_is_no_error_but_a_warning(job, write_raster, heard, outputs, filling):
    path = write_raster("nothing.tif", np.full((160, 200), filling, np.float32), nodata=-9999.0)
    job(INPUT=path)
    with rasterio.open(outputs / "mask.tif") as dataset:
        assert (dataset.read(1) == 255).all()
    assert any("nothing.tif" in line for line in heard.warnings)
