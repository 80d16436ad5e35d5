"""The runner of jobs: what it refuses before work begins, and how it tells what went wrong."""

import os
import sys
import types
from pathlib import Path

import pytest
from fringelens.core import catalog, job
from fringelens.core.catalog.types import Output, Parameter, Tool
from fringelens.core.errors import (
    Cancelled,
    DependencyError,
    FringeLensError,
    InputError,
    OutputError,
    ResourceError,
    WeightsError,
)
from fringelens.core.progress import Silent

PROBE = Tool(
    id="probe",
    name="Probe",
    group="Tests",
    summary="Probes.",
    help="Probes.",
    parameters=(
        Parameter("INPUT", "raster", "Input", "A raster.", optional=True),
        Parameter("INPUTS", "rasters", "Inputs", "Rasters.", optional=True),
        Parameter("AREAS", "vector", "Areas", "A vector.", optional=True),
        Parameter("LIMIT", "number", "Limit", "A number.", optional=True, default=0.5),
    ),
    outputs=(
        Output("OUTPUT", "raster", "Output", "A raster."),
        Output("MORE", "raster", "More", "A raster.", optional=True),
        Output("SHARE", "number", "Share", "A number."),
    ),
)


class Listening(Silent):
    """A progress that remembers the log."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def log(self, message: str) -> None:
        self.lines.append(message)


@pytest.fixture
def tool(monkeypatch):
    """Make `probe` a tool that runs the function it is given."""
    monkeypatch.setitem(catalog._BY_ID, "probe", PROBE)

    def install(function):
        module = types.ModuleType("fringelens.core.tools.probe")
        module.run = function
        monkeypatch.setitem(sys.modules, module.__name__, module)

    return install


@pytest.fixture
def seen(tool):
    """The parameters the tool was run with, one entry a run."""
    runs = []

    def function(parameters, progress):
        runs.append(dict(parameters))
        return {"OUTPUT": parameters["OUTPUT"]}

    tool(function)
    return runs


def run(output: Path, *, overwrite: bool = False, **parameters):
    return job.run("probe", {"OUTPUT": str(output), **parameters}, Silent(), overwrite=overwrite)


def test_the_tool_sees_complete_parameters(seen, tmp_path):
    assert run(tmp_path / "a.tif", LIMIT="0.25") == {"OUTPUT": str(tmp_path / "a.tif")}
    assert seen[0]["LIMIT"] == 0.25
    assert seen[0]["MORE"] is None


def test_results_come_in_the_catalog_s_order_as_plain_values(tool, tmp_path):
    numpy = pytest.importorskip("numpy")
    tool(lambda p, _: {"SHARE": numpy.float32(0.5), "MORE": None, "OUTPUT": Path(p["OUTPUT"]), "INNER": 3})
    results = run(tmp_path / "a.tif")
    assert results == {"OUTPUT": str(tmp_path / "a.tif"), "SHARE": 0.5}
    assert list(map(type, results.values())) == [str, float]


def test_an_unknown_tool_is_refused_and_nothing_is_imported(tmp_path):
    with pytest.raises(InputError, match="there is no tool 'os'"):
        job.run("os", {}, Silent())


def test_an_output_that_exists_is_refused_unless_overwriting_is_allowed(seen, tmp_path):
    output = tmp_path / "a.tif"
    output.write_text("old")
    with pytest.raises(OutputError, match=r"OUTPUT: .*a\.tif exists already.*--overwrite"):
        run(output)
    assert seen == []
    assert output.read_text() == "old"
    run(output, overwrite=True)
    assert len(seen) == 1


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("link", ["same", "symbolic", "hard", "dots"])
def test_an_input_is_never_an_output(seen, tmp_path, link, overwrite):
    original = tmp_path / "a.tif"
    original.write_text("precious")
    output = {"same": original, "dots": tmp_path / "." / "x" / ".." / "a.tif"}.get(link, tmp_path / "b.tif")
    (tmp_path / "x").mkdir()
    if link == "symbolic":
        output.symlink_to(original)
    if link == "hard":
        os.link(original, output)
    for name, value in (("INPUT", str(original)), ("INPUTS", [str(original)]), ("AREAS", f"{original}|layername=a")):
        with pytest.raises(InputError, match=f"OUTPUT: .* is also {name}"):
            run(output, overwrite=overwrite, **{name: value})
    assert seen == []
    assert original.read_text() == "precious"


def test_a_subdataset_of_the_output_s_file_counts_as_that_file(seen, tmp_path):
    (tmp_path / "a.tif").write_text("precious")
    with pytest.raises(InputError, match="is also INPUT"):
        run(tmp_path / "a.tif", INPUT=f"GTIFF_DIR:1:{tmp_path / 'a.tif'}", overwrite=True)


def test_two_outputs_never_share_a_file(seen, tmp_path):
    with pytest.raises(OutputError, match=r"MORE: .* is also the file for OUTPUT"):
        run(tmp_path / "a.tif", MORE=str(tmp_path / "." / "a.tif"))


@pytest.mark.parametrize("name", ["INPUT", "INPUTS", "AREAS"])
def test_a_missing_input_is_named(seen, tmp_path, name):
    with pytest.raises(InputError, match=rf"{name}: there is no file .*nothing\.tif"):
        run(tmp_path / "a.tif", **{name: str(tmp_path / "nothing.tif")})
    assert seen == []


@pytest.mark.parametrize("name", ["INPUT", "INPUTS", "AREAS"])
def test_an_empty_input_is_named(seen, tmp_path, name):
    (tmp_path / "empty.tif").touch()
    with pytest.raises(InputError, match=rf"{name}: .*empty\.tif is empty"):
        run(tmp_path / "a.tif", **{name: str(tmp_path / "empty.tif")})


def test_a_folder_that_is_missing_or_takes_no_files_is_refused_before_work(seen, tmp_path):
    with pytest.raises(OutputError, match="there is no folder"):
        run(tmp_path / "nowhere" / "a.tif")
    (tmp_path / "folder.tif").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        run(tmp_path / "folder.tif")
    assert seen == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")
def test_a_folder_that_cannot_be_written_is_refused_even_for_root(seen):
    with pytest.raises(OutputError, match="nothing can be written in /proc"):
        run(Path("/proc/a.tif"))


def test_what_a_killed_job_left_beside_the_output_is_swept_and_logged(seen, tmp_path):
    folder = pytest.importorskip("fringelens.core.raster.folder")
    left = folder.part_path(tmp_path / "old.tif")
    left = left.with_name(left.name.replace(f"-{os.getpid()}-", "-999999999-"))
    left.touch()
    (tmp_path / "notes.part").touch()
    progress = Listening()
    job.run("probe", {"OUTPUT": str(tmp_path / "a.tif")}, progress)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.part"]
    assert "removed 1 unfinished" in progress.lines[0]


class BadWeights(ValueError):
    """Named as the one of models.weights, which needs torch."""


class OutOfMemoryError(RuntimeError):
    """Named as torch's."""


FAILURES = [
    (InputError("as it is"), InputError, "^as it is$"),
    (Cancelled(), Cancelled, "no output was written"),
    (MemoryError(), ResourceError, "memory ran out.*TILE_SIZE"),
    (OutOfMemoryError("CUDA"), ResourceError, "memory ran out"),
    (RuntimeError("DefaultCPUAllocator: can't allocate memory"), ResourceError, "memory ran out"),
    (BadWeights("w.pt: pickled"), WeightsError, "pickled"),
    (ModuleNotFoundError("No module named 'torch'"), DependencyError, r"torch.*\./run setup"),
    (OSError(28, "No space left on device", "a.tif"), OutputError, "a.tif: the disk is full"),
    (OSError(30, "Read-only file system"), OutputError, "read-only"),
    (OSError(5, "Input/output error"), FringeLensError, "not foreseen"),
    (RuntimeError("shapes differ"), FringeLensError, "RuntimeError: shapes differ.*report"),
]


@pytest.mark.parametrize(("failure", "kind", "said"), FAILURES, ids=lambda value: getattr(value, "__name__", None))
def test_every_failure_becomes_an_error_of_ours_that_keeps_its_cause(tool, tmp_path, failure, kind, said):
    def function(parameters, progress):
        raise failure

    tool(function)
    with pytest.raises(FringeLensError, match=said) as caught:
        run(tmp_path / "a.tif")
    assert type(caught.value) is kind
    assert caught.value is failure or caught.value.__cause__ is failure


def test_a_tool_whose_packages_are_missing_says_how_to_get_them(monkeypatch, tmp_path):
    monkeypatch.setitem(catalog._BY_ID, "probe", PROBE)
    monkeypatch.setitem(sys.modules, "fringelens.core.tools.probe", None)
    with pytest.raises(DependencyError, match=r"probe cannot start.*\./run setup"):
        run(tmp_path / "a.tif")
