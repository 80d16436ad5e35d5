"""Parameters of a job: completed, converted, and all problems told at once."""

from pathlib import Path

import pytest
from fringelens.core import catalog
from fringelens.core.catalog.describe import ending, shown
from fringelens.core.catalog.types import Output, Parameter, Tool
from fringelens.core.catalog.validate import InvalidParametersError, complete
from hypothesis import given, settings
from hypothesis import strategies as st

EVERY_KIND = Tool(
    id="everykind",
    name="Every kind",
    group="Tests",
    summary="Has one of each.",
    help="Has one of each.",
    parameters=(
        Parameter("INPUT", "raster", "Input", "A raster."),
        Parameter("INPUTS", "rasters", "Inputs", "Rasters.", optional=True),
        Parameter("AREAS", "vector", "Areas", "A vector.", optional=True),
        Parameter("MODEL", "file", "Model", "A file.", optional=True),
        Parameter("LIMIT", "number", "Limit", "A number.", optional=True, default=0.5, minimum=0.0, maximum=1.0),
        Parameter("COUNT", "integer", "Count", "An integer.", optional=True, default=4, minimum=1, maximum=9),
        Parameter("METHOD", "choice", "Method", "A choice.", optional=True, default="fast", choices=("fast", "slow")),
        Parameter("QUICK", "boolean", "Quick", "A boolean.", optional=True, default=False),
        Parameter("REFERENCE", "point", "Reference", "A point.", optional=True),
        Parameter("DATES", "text", "Dates", "A text.", optional=True),
        Parameter("BAND", "band", "Band", "A band.", optional=True, minimum=1),
    ),
    outputs=(
        Output("OUTPUT", "raster", "Output", "A raster."),
        Output("TABLE", "table", "Table", "A table.", optional=True),
        Output("SHARE", "number", "Share", "A number."),
    ),
)
NEEDED = {"INPUT": "a.tif", "OUTPUT": "b.tif"}
NAMES = [p.name for p in EVERY_KIND.parameters] + ["OUTPUT", "TABLE", "ELSE"]
ANYTHING = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.lists(st.text(max_size=3), max_size=2)
    | st.sampled_from(["0.5", "4", "fast", "yes", "1,2", "a.tif", "b.csv", "1e400", "nan", "٣"])
)


def needs_of(tool: Tool) -> dict[str, object]:
    """What every tool must be given: a file for each input and output that is not optional."""
    given = {p.name: ["a.tif"] if p.kind == "rasters" else "a.tif" for p in tool.parameters if not p.optional}
    return given | {o.name: "b" + ending(o) for o in tool.file_outputs if not o.optional}


def problems(**parameters) -> list[str]:
    with pytest.raises(InvalidParametersError) as caught:
        complete(EVERY_KIND, {**NEEDED, **parameters})
    return caught.value.problems


@pytest.mark.parametrize("tool", catalog.TOOLS, ids=lambda tool: tool.id)
def test_every_parameter_and_file_output_is_a_key_with_its_default(tool):
    needed = needs_of(tool)
    completed = complete(tool, needed)
    assert set(completed) == {p.name for p in tool.parameters} | {o.name for o in tool.file_outputs}
    for parameter in tool.parameters:
        assert completed[parameter.name] == (parameter.default if parameter.optional else needed[parameter.name])


@pytest.mark.parametrize("tool", catalog.TOOLS, ids=lambda tool: tool.id)
def test_a_default_as_it_is_shown_gives_the_default(tool):
    needed = needs_of(tool)
    typed = {p.name: shown(p.default) for p in tool.parameters if p.optional}
    assert complete(tool, {**needed, **typed}) == complete(tool, needed)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), ANYTHING))
def test_whatever_is_given_is_completed_for_good_or_refused_by_name(parameters):
    try:
        completed = complete(EVERY_KIND, parameters)
    except InvalidParametersError as error:
        refused = {problem.split(":")[0] for problem in error.problems}
    else:
        refused = set()
    if refused:
        assert refused <= set(NAMES)
        return
    assert complete(EVERY_KIND, completed) == completed
    assert 0.0 <= completed["LIMIT"] <= 1.0
    assert completed["METHOD"] in ("fast", "slow")
    assert completed["QUICK"] is True or completed["QUICK"] is False


@settings(max_examples=60, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_accepted_within_its_limits_alone(number):
    if 0.0 <= number <= 1.0:
        assert complete(EVERY_KIND, {**NEEDED, "LIMIT": number})["LIMIT"] == number
        assert complete(EVERY_KIND, {**NEEDED, "LIMIT": repr(number)})["LIMIT"] == number
    else:
        assert problems(LIMIT=number) == [f"LIMIT: got {number!r}, expected a number, 0 to 1"]


def test_all_problems_are_told_at_once():
    with pytest.raises(InvalidParametersError) as caught:
        complete(EVERY_KIND, {"LIMIT": 2, "METHOD": "fasst", "TABEL": "a.csv", "COUNT": "three"})
    assert str(caught.value).splitlines() == [
        "everykind: 6 problems with its parameters",
        "- TABEL: there is no such parameter; did you mean TABLE?",
        "- INPUT: missing, expected a raster file (Input)",
        "- LIMIT: got 2, expected a number, 0 to 1",
        "- COUNT: got 'three', expected a whole number, 1 to 9",
        "- METHOD: got 'fasst', expected one of fast, slow; did you mean fast?",
        "- OUTPUT: missing, expected a file name ending in .tif or .tiff (Output)",
    ]


@pytest.mark.parametrize(
    ("name", "given_value", "value"),
    [
        ("INPUT", Path("a.tif"), str(Path("a.tif"))),
        ("INPUTS", "a.tif", ["a.tif"]),
        ("INPUTS", ("a.tif", Path("b.tif")), ["a.tif", "b.tif"]),
        ("INPUTS", [], None),
        ("LIMIT", 1, 1.0),
        ("LIMIT", " 0.25 ", 0.25),
        ("COUNT", 3.0, 3),
        ("COUNT", "7", 7),
        ("QUICK", "Yes", True),
        ("QUICK", 0, False),
        ("REFERENCE", "-99.1, 19.4 [EPSG:4326]", "-99.1,19.4 [EPSG:4326]"),
        ("REFERENCE", (1, 2.5), "1.0,2.5"),
        ("DATES", "", None),
        ("TABLE", "A.GPKG", "A.GPKG"),
    ],
)
def test_values_become_of_their_kind(name, given_value, value):
    completed = complete(EVERY_KIND, {**NEEDED, name: given_value})[name]
    assert completed == value
    assert type(completed) is type(value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INPUT", 3),
        ("INPUT", "a\0.tif"),
        ("INPUT", "  "),
        ("INPUTS", ["a.tif", ""]),
        ("LIMIT", True),
        ("LIMIT", float("nan")),
        ("COUNT", 3.5),
        ("COUNT", True),
        ("QUICK", "perhaps"),
        ("QUICK", 2),
        ("QUICK", 1.0),
        ("REFERENCE", "19.4"),
        ("REFERENCE", "north,east"),
        ("DATES", 20200101),
        ("BAND", 0),
        ("OUTPUT", "b.png"),
        ("OUTPUT", "tif"),
        ("TABLE", "b.xlsx"),
        ("SHARE", "0.5"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(name, value):
    (problem,) = problems(**{name: value})
    assert problem.startswith(f"{name}: ")


def test_a_decimal_comma_gets_a_hint():
    assert problems(LIMIT="0,5")[0].endswith("write decimals with a point")
