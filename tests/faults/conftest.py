"""What the bad-input tests share: a folder with an old output, and a job that must fail and change nothing in it."""

import os
import subprocess

import numpy as np
import pytest
from recording import Log

SHAPE = (160, 200)


@pytest.fixture(scope="session")
def random_weights(tmp_path_factory):
    """A weights file of the mask network with random numbers."""
    torch = pytest.importorskip("torch")
    from fringelens.models import registry
    from fringelens.models.weights import write_weights

    torch.manual_seed(5)
    path = tmp_path_factory.mktemp("weights") / "random.safetensors"
    write_weights(path, registry.build("decorrelation"), {"network": "decorrelation", "config": "default"})
    return path


@pytest.fixture
def good_phase(write_raster, rng):
    """A wrapped interferogram that is in order."""
    return write_raster("good.tif", rng.uniform(-3, 3, SHAPE).astype(np.float32))


@pytest.fixture
def outputs(tmp_path):
    """A folder that holds an old output."""
    folder = tmp_path / "outputs"
    folder.mkdir()
    (folder / "mask.tif").write_bytes(b"the old one")
    return folder


@pytest.fixture
def heard():
    return Log()


@pytest.fixture
def job(outputs, random_weights, heard):
    """Run the mask tool, or another one, through the job runner, with defaults, into the folder `outputs`."""
    pytest.importorskip("torch")
    from fringelens.core import catalog
    from fringelens.core import job as runner

    def call(tool="decorrelationmask", **given):
        own = {"MODEL": str(random_weights), "DEVICE": "cpu"} if tool == "decorrelationmask" else {}
        if any(output.name == "OUTPUT" for output in catalog.find(tool).outputs):
            own["OUTPUT"] = str(outputs / "mask.tif")
        parameters = own | given
        texts = {name: str(value) if hasattr(value, "__fspath__") else value for name, value in parameters.items()}
        return runner.run(tool, texts, heard, overwrite=True)

    return call


@pytest.fixture
def refused(job, outputs):
    """Run a job that must fail: the error's message holds all `words`, and the outputs' folder is as it was."""
    from fringelens.core.errors import FringeLensError

    def call(kind, *words, **given):
        before = contents(outputs)
        with pytest.raises(FringeLensError) as caught:
            job(**given)
        print(caught.value)  # shown by `pytest -s`, to read the messages as a user would
        assert caught.value.kind == kind, caught.value
        for word in words:
            assert word.lower() in str(caught.value).lower()
        assert "\n" not in str(caught.value)
        assert contents(outputs) == before
        return str(caught.value)

    return call


@pytest.fixture
def untouched(outputs):
    """Says whether the outputs' folder is as it was before the test."""
    before = contents(outputs)
    return lambda: contents(outputs) == before


def contents(folder):
    """Every file of a folder with its bytes."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def small_disk(tmp_path):
    """Mount a file system of some bytes, or one that cannot be written to; skips where this is not allowed."""
    mounted = []

    def mount(size, *, read_only=False):
        place = tmp_path / "disk"
        place.mkdir()
        options = f"size={size}" + (",ro" if read_only else "")
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
        if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("file systems cannot be mounted here")
        mounted.append(place)
        return place

    yield mount
    for place in mounted:
        subprocess.run(["umount", str(place)], check=True)
