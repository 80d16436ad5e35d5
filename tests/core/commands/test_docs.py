"""The reference pages: complete, and those in the repository up to date."""

import re

import pytest
from fringelens.core import catalog
from fringelens.core.catalog import describe
from fringelens.core.commands import cli, docs

MOST_BYTES = 150_000  # of a picture in the release, which has a dozen


@pytest.mark.parametrize("name", sorted(docs.pages()))
def test_the_page_in_the_repository_is_what_the_catalog_says(name):
    path = docs.FOLDER / name
    assert path.is_file(), "run `fringelens docs`"
    assert path.read_text(encoding="utf-8") == docs.pages()[name], "run `fringelens docs`"


@pytest.mark.parametrize("tool", catalog.TOOLS, ids=lambda tool: tool.id)
def test_a_page_has_every_parameter_and_output_with_its_facts(tool):
    rows = {line.split("|")[1].strip(" `"): line for line in docs.page(tool).splitlines() if line.startswith("| `")}
    assert set(rows) == {p.name for p in tool.parameters} | {o.name for o in tool.outputs}
    for parameter in tool.parameters:
        row = rows[parameter.name]
        assert parameter.flag in row
        assert describe.limits(parameter) in row
        assert describe.shown(parameter.default) in row
        assert all(choice in row for choice in parameter.choices)
    assert f"fringelens {tool.id} --" in docs.page(tool)
    assert f"qgis_process run fringelens:{tool.id} -- " in docs.page(tool)


@pytest.mark.parametrize("tool", catalog.TOOLS, ids=lambda tool: tool.id)
def test_the_pictures_of_a_tool_are_there_for_its_page_and_small_for_its_dialog(tool):
    root = docs.FOLDER.parents[1]
    for name in tool.pictures:
        assert (root / "docs" / "images" / name).is_file()
        assert (root / "plugin" / "pictures" / name).stat().st_size < MOST_BYTES, "run `./run help_pictures`"


def test_no_picture_beside_the_dialogs_is_of_no_tool():
    shown = {name for tool in catalog.TOOLS for name in tool.pictures}
    assert {path.name for path in (docs.FOLDER.parents[1] / "plugin" / "pictures").iterdir()} == shown


def test_every_picture_that_a_page_shows_is_there():
    root = docs.FOLDER.parents[1]
    for page in [root / "README.md", *(root / "docs").rglob("*.md")]:
        for name in re.findall(r"!\[[^]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / name).is_file(), f"{page} shows {name}"


def test_pages_are_written_checked_and_left_alone_when_they_are_current(capsys, tmp_path):
    assert cli.main(["docs", "--folder", str(tmp_path), "--check"]) == 2
    assert "not up to date" in capsys.readouterr().err
    assert cli.main(["docs", "--folder", str(tmp_path)]) == 0
    assert "wrote" in capsys.readouterr().out
    assert {path.name for path in tmp_path.iterdir()} == set(docs.pages())
    assert cli.main(["docs", "--folder", str(tmp_path), "--check"]) == 0
    assert "up to date" in capsys.readouterr().out
