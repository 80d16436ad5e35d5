"""The tool for detected images on a real pair, with the weights that are shipped."""

import numpy as np
import pytest
import rasterio
from fringelens.core.catalog.coherencefromgrd import TOOL
from fringelens.core.progress import Silent
from fringelens.core.tools import coherencefromgrd

DATES = ("20230319", "20230331")


@pytest.fixture
def mean_coherence(tmp_path, write_raster):
    """Mean estimate of the tool for two images."""

    def call(*images):
        parameters = {p.name: p.default for p in TOOL.parameters} | {o.name: None for o in TOOL.file_outputs}
        given = {
            name: str(write_raster(f"{name}.tif", image))
            for name, image in zip(("INPUT", "SECONDARY"), images, strict=True)
        }
        given |= {"OUTPUT": str(tmp_path / "coherence.tif"), "DEVICE": "cpu"}
        return coherencefromgrd.run(parameters | given, Silent())["MEAN_COHERENCE"]

    return call


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_the_amsterdam_pair_is_coherent_and_a_shift_by_a_pixel_does_not_undo_it(mean_coherence, data_folder):
    images = []
    for date in DATES:
        with rasterio.open(data_folder / "amsterdam" / f"{date}_slc.tif") as file:
            power = np.abs(file.read(1)) ** 2
        images.append(power[:, :336].reshape(84, 84, 4).mean(2).astype(np.float32))
    still = mean_coherence(*images)
    assert still > 0.6
    assert abs(mean_coherence(images[0], np.roll(images[1], 1, 1)) - still) < 0.15
