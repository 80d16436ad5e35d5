"""The catalog: what every entry has to keep to, since dialogs, options, jobs and pages are made from it."""

import pytest
from fringelens.core import catalog
from fringelens.core.catalog import describe
from fringelens.core.catalog.types import KINDS, OUTPUT_KINDS

PARAMETERS = [pytest.param(t, p, id=f"{t.id}-{p.name}") for t in catalog.TOOLS for p in t.parameters]
OUTPUTS = [pytest.param(t, o, id=f"{t.id}-{o.name}") for t in catalog.TOOLS for o in t.outputs]
RUNNING_OPTIONS = {"--overwrite", "--json", "--quiet", "--help"}


@pytest.mark.parametrize("tool", catalog.TOOLS, ids=lambda tool: tool.id)
def test_ids_and_names_are_as_the_contract_has_them(tool):
    assert tool.id.isalnum()
    assert tool.id == tool.id.lower()
    names = [p.name for p in tool.parameters] + [o.name for o in tool.outputs]
    assert len(names) == len(set(names))
    assert all(name == name.upper() and name.isidentifier() for name in names)
    flags = {p.flag for p in tool.parameters} | {o.flag for o in tool.outputs}
    assert not flags & RUNNING_OPTIONS


@pytest.mark.parametrize("tool", catalog.TOOLS, ids=lambda tool: tool.id)
def test_a_tool_is_explained_and_makes_something(tool):
    assert catalog.find(tool.id) is tool
    assert tool.group
    assert tool.summary.endswith(".")
    assert "\n" not in tool.summary
    assert tool.help.endswith(".")
    assert tool.tags
    assert any(not output.optional for output in tool.outputs)


@pytest.mark.parametrize(("tool", "parameter"), PARAMETERS)
def test_a_parameter_is_whole(tool, parameter):
    assert parameter.kind in KINDS
    assert parameter.label
    assert parameter.help.endswith((".", ")"))
    assert (parameter.kind == "choice") == bool(parameter.choices)
    assert parameter.optional or parameter.default is None
    assert parameter.optional or not parameter.advanced
    if parameter.kind == "choice":
        assert parameter.default is None or parameter.default in parameter.choices
    if parameter.kind == "boolean":
        assert parameter.default is not None


@pytest.mark.parametrize(("tool", "output"), OUTPUTS)
def test_an_output_is_whole(tool, output):
    assert output.kind in OUTPUT_KINDS
    assert output.label
    assert output.help.endswith((".", ")"))
    assert output.is_file == (output.kind in describe.ENDINGS)


@pytest.mark.parametrize("tool", [t for t in catalog.TOOLS if t.network], ids=lambda tool: tool.id)
def test_a_tool_with_a_network_has_what_networks_share(tool):
    assert {"DEVICE", "TILE_SIZE", "MODEL"} <= {p.name for p in tool.parameters}


def test_ids_are_unique_and_an_unknown_one_is_answered_with_those_there_are():
    assert len({tool.id for tool in catalog.TOOLS}) == len(catalog.TOOLS)
    with pytest.raises(KeyError, match="decorrelationmask"):
        catalog.find("os.system")
