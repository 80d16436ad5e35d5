"""The command line, asked in this process."""

import json

import pytest
from fringelens.core import catalog
from fringelens.core.catalog import describe
from fringelens.core.commands import cli
from fringelens.core.commands.arguments import joined

PARAMETERS = [pytest.param(t, p, id=f"{t.id}-{p.name}") for t in catalog.TOOLS for p in t.parameters]


@pytest.fixture
def helps(monkeypatch):
    """The help of a tool, on one endless line."""
    monkeypatch.setenv("COLUMNS", "10000")

    def ask(tool, capsys) -> str:
        assert cli.main([tool.id, "--help"]) == 0
        return " ".join(capsys.readouterr().out.split())

    return ask


@pytest.mark.parametrize(("tool", "parameter"), PARAMETERS)
def test_help_tells_what_a_parameter_is_with_unit_range_and_default(helps, capsys, tool, parameter):
    text = helps(tool, capsys)
    _, _, about = text.partition(f" {parameter.flag}")
    assert " ".join(parameter.help.split()) in about
    assert describe.limits(parameter) in about
    assert parameter.unit in about
    assert all(choice in about for choice in parameter.choices)
    if parameter.default is not None:
        assert f"default {describe.shown(parameter.default)})" in about


@pytest.mark.parametrize("tool", catalog.TOOLS, ids=lambda tool: tool.id)
def test_help_tells_outputs_usage_and_source(helps, capsys, tool):
    text = helps(tool, capsys)
    assert text.startswith(f"usage: fringelens {tool.id} ")
    assert tool.summary in text
    assert tool.paper in text
    for output in tool.file_outputs:
        assert f"{output.flag} FILE{describe.ending(output)}" in text


def test_the_overview_lists_tools_commands_and_exit_codes(capsys):
    assert cli.main(["--help"]) == 0
    text = capsys.readouterr().out
    for word in [tool.id for tool in catalog.TOOLS] + ["tools", "doctor", "run", "worker", "docs", "0", "6", "130"]:
        assert f"  {word} " in text


def test_no_command_at_all_shows_the_overview_and_is_an_error(capsys):
    assert cli.main([]) == 2
    assert "decorrelationmask" in capsys.readouterr().out


def test_the_version_is_told(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("fringelens 0.")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("decorelationmask", "did you mean decorrelationmask"),
        ("--wrong", "--wrong"),
        ("decorrelationmask --treshold 1", "did you mean --threshold"),
        ("decorrelationmask --threshold", "expected one argument"),
        ("decorrelationmask stray.tif", "stray.tif"),
        ("decorrelationmask --thresh 1", "--thresh"),
        ("decorrelationmask --input a.tif --threshold 7", "OUTPUT: missing"),
        ("tools --wrong", "--wrong"),
        ("run /nowhere/job.json", "/nowhere/job.json"),
    ],
)
def test_what_cannot_be_understood_ends_with_two_and_says_why(capsys, line, said):
    assert cli.main(line.split()) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert captured.err.startswith("error: ")
    assert captured.out == ""


def test_with_json_errors_of_the_command_line_are_lines_too(capsys):
    assert cli.main(["decorrelationmask", "--treshold", "1", "--json"]) == 2
    captured = capsys.readouterr()
    message = json.loads(captured.out)
    assert message["type"] == "error"
    assert message["kind"] == "input"
    assert captured.err == ""


@pytest.mark.parametrize(
    ("given", "tied"),
    [
        (["--reference", "-99.1,19.4"], ["--reference=-99.1,19.4"]),
        (["--limit", "-.5", "--json"], ["--limit=-.5", "--json"]),
        (["--zero-is-nodata", "--limit", "3"], ["--zero-is-nodata", "--limit", "3"]),
        (["-1"], ["-1"]),
        (["--limit=2", "-1"], ["--limit=2", "-1"]),
        (["run", "-"], ["run", "-"]),
    ],
)
def test_negative_values_are_tied_to_their_option(given, tied):
    assert joined(given) == tied


def test_tools_are_listed_for_people_and_machines(capsys):
    assert cli.main(["tools"]) == 0
    text = capsys.readouterr().out
    assert all(tool.id in text and tool.summary in text for tool in catalog.TOOLS)
    assert cli.main(["tools", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [tool["id"] for tool in listed] == [tool.id for tool in catalog.TOOLS]


def test_a_bug_in_a_command_is_an_error_with_its_traceback(capsys, monkeypatch):
    from fringelens.core.commands import tools

    monkeypatch.setattr(tools, "run", lambda options: 1 // 0)
    assert cli.main(["tools"]) == 1
    text = capsys.readouterr().err
    assert "Traceback" in text
    assert "ZeroDivisionError" in text.splitlines()[-1]
