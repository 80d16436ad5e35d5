"""Reading: one validity mask for all the ways a pixel can be missing."""

import numpy as np
import pytest
import rasterio
from fringelens.core.errors import InputError
from fringelens.core.raster.source import Source
from fringelens.core.raster.window import Window

ALL = Window(0, 0, 4, 5)


def read(path, **options):
    with Source(path, **options) as source:
        return source.read(Window(0, 0, source.grid.height, source.grid.width))


def test_nan_infinity_nodata_and_absurd_values_are_invalid_and_zero(write_raster):
    values = np.arange(20, dtype=np.float32).reshape(4, 5)
    values[0] = [np.nan, np.inf, -np.inf, -9999, 3e38]
    patch = read(write_raster("a.tif", values, nodata=-9999))
    assert not patch.valid[0].any()
    assert patch.valid[1:].all()
    assert (patch.values[0] == 0).all()
    np.testing.assert_array_equal(patch.values[1:], values[1:])


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32", "float32", "float64"])
def test_real_types_become_float32(write_raster, dtype):
    patch = read(write_raster("a.tif", np.arange(20).reshape(4, 5).astype(dtype)))
    assert patch.values.dtype == np.float32
    np.testing.assert_array_equal(patch.values, np.arange(20).reshape(4, 5))


@pytest.mark.parametrize("dtype", ["complex64", "complex128", "complex_int16"])
def test_complex_types_become_complex64(write_raster, dtype):
    values = (np.arange(20).reshape(4, 5) * (1 + 2j)).astype("complex64")
    path = write_raster("a.tif", values.astype("complex128" if dtype == "complex128" else "complex64"), dtype=dtype)
    with Source(path) as source:
        assert source.is_complex
        patch = source.read(ALL)
    assert patch.values.dtype == np.complex64
    np.testing.assert_array_equal(patch.values, values)


def test_complex_nan_in_one_part_is_invalid(write_raster):
    values = np.ones((4, 5), np.complex64)
    values[1, 2] = complex(np.nan, 1)
    values[2, 2] = complex(1, np.inf)
    assert read(write_raster("a.tif", values)).valid.sum() == 18


def test_zero_nodata_of_complex_spares_pure_imaginary_numbers(write_raster):
    values = np.full((4, 5), 1j, np.complex64)
    values[0, 0] = 0
    assert read(write_raster("a.tif", values, nodata=0)).valid.sum() == 19


def test_zero_is_nodata_only_on_demand(write_raster):
    values = np.ones((4, 5), np.float32)
    values[0, 0] = 0
    path = write_raster("a.tif", values)
    assert read(path).valid.all()
    assert read(path, zero_is_nodata=True).valid.sum() == 19


def test_nan_as_nodata_of_a_float_raster(write_raster):
    values = np.ones((4, 5), np.float32)
    values[3, 3] = np.nan
    assert read(write_raster("a.tif", values, nodata=np.nan)).valid.sum() == 19


def test_declared_scale_and_offset_are_applied(write_raster):
    path = write_raster("a.tif", np.full((4, 5), 10, np.int16))
    with rasterio.open(path, "r+") as dataset:
        dataset.scales, dataset.offsets = (0.1,), (0.5,)
    with Source(path) as source:
        assert source.is_scaled
        assert not source.is_integer
        np.testing.assert_allclose(source.read(ALL).values, 1.5, rtol=1e-6)


def test_the_files_own_mask_counts(write_raster):
    path = write_raster("a.tif", np.ones((4, 5), np.float32))
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+") as dataset:
        mask = np.full((4, 5), 255, np.uint8)
        mask[0] = 0
        dataset.write_mask(mask)
    assert read(path).valid.sum() == 15


def test_windows_read_what_stands_there(write_raster, rng):
    values = rng.normal(size=(300, 400)).astype(np.float32)
    path = write_raster("a.tif", values, tiled=True, blockxsize=64, blockysize=64, compress="deflate")
    window = Window(57, 130, 101, 77)
    with Source(path) as source:
        np.testing.assert_array_equal(source.read(window).values, values[window.slices])


def test_several_bands_and_none_chosen_lists_them(write_raster):
    path = write_raster("a.tif", np.ones((2, 4, 5), np.float32))
    with rasterio.open(path, "r+") as dataset:
        dataset.descriptions = ("phase", None)
    with pytest.raises(InputError, match=r"2 bands.*1 phase \(float32\), 2 unnamed \(float32\).*BAND"):
        Source(path)
    with pytest.raises(InputError, match="no band 3"):
        Source(path, band=3)
    assert read(path, band=2).valid.all()


def test_radar_geometry_opens_without_a_warning(tmp_path):
    import warnings

    from rasterio.errors import NotGeoreferencedWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(tmp_path / "a.tif", "w", driver="GTiff", width=5, height=4, count=1, dtype="float32") as d:
            d.write(np.ones((1, 4, 5), np.float32))
    with Source(tmp_path / "a.tif") as source:
        assert source.grid.crs is None
        assert not source.grid.is_georeferenced


def test_a_path_with_spaces_and_letters_of_other_alphabets(write_raster):
    path = write_raster("Ätna Wolke 山.tif", np.ones((4, 5), np.float32))
    assert read(path).valid.all()


def test_the_phase_of_a_complex_file_by_gdals_derived_name(write_raster):
    path = write_raster("a.tif", np.full((4, 5), 1j, np.complex64))
    np.testing.assert_allclose(read(f"DERIVED_SUBDATASET:PHASE:{path}").values, np.pi / 2, rtol=1e-6)


def test_a_netcdf_subdataset_is_read_and_its_container_lists_it(tmp_path):
    netcdf = pytest.importorskip("scipy.io").netcdf_file
    with netcdf(tmp_path / "a.nc", "w") as made:
        made.createDimension("y", 4)
        made.createDimension("x", 5)
        for name in ("phase", "coherence"):
            made.createVariable(name, "f4", ("y", "x"))[:] = np.full((4, 5), 0.5, np.float32)
    with pytest.raises(InputError, match=r"(?i)subdatasets.*netcdf:.*phase"):
        Source(tmp_path / "a.nc")
    assert read(f'NETCDF:"{tmp_path / "a.nc"}":phase').values[0, 0] == 0.5


def test_a_file_that_changes_while_it_is_read_is_noticed(write_raster):
    path = write_raster("a.tif", np.ones((4, 5), np.float32))
    with pytest.raises(InputError, match=r"a\.tif was changed"), Source(path):
        path.write_bytes(path.read_bytes() + b"\0")
