"""What QGIS shows of the tools is what the catalog says, whether or not the runtime is there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fringelens.core.catalog import TOOLS
from fringelens.processing_provider.workflow import FOLDER

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
tools = pytest.mark.parametrize("tool", TOOLS, ids=lambda t: t.id)


def algorithm(tool):
    from qgis.core import QgsApplication

    return QgsApplication.processingRegistry().algorithmById(f"fringelens:{tool.id}")


def is_advanced(definition):
    from qgis.core import QgsProcessingParameterDefinition

    return bool(definition.flags() & QgsProcessingParameterDefinition.Flag.FlagAdvanced)


def is_optional(definition):
    from qgis.core import QgsProcessingParameterDefinition

    return bool(definition.flags() & QgsProcessingParameterDefinition.Flag.FlagOptional)


def test_every_tool_is_listed_without_a_runtime(provider, settings, monkeypatch):
    monkeypatch.setenv("FRINGELENS_PYTHON", "/does/not/exist")
    provider.refreshAlgorithms()
    workflows = {path.stem for path in FOLDER.glob("*.model3")}
    assert {a.name() for a in provider.algorithms()} == {t.id for t in TOOLS} | workflows
    assert "does not exist" in provider.warningMessage()
    assert all(a.canExecute()[0] is False for a in provider.algorithms())


@tools
def test_parameters_are_those_of_the_catalog(provider, tool):
    definitions = {d.name(): d for d in algorithm(tool).parameterDefinitions()}
    assert list(definitions) == [p.name for p in tool.parameters] + [o.name for o in tool.file_outputs]
    for parameter in tool.parameters:
        definition = definitions[parameter.name]
        assert is_optional(definition) == parameter.optional, parameter.name
        assert is_advanced(definition) == parameter.advanced, parameter.name
        assert definition.defaultValue() == parameter.default, parameter.name
        assert parameter.help in definition.help()


@tools
def test_ranges_and_choices_are_those_of_the_catalog(provider, tool):
    for parameter in tool.parameters:
        definition = algorithm(tool).parameterDefinition(parameter.name)
        if parameter.kind == "choice":
            assert definition.options() == list(parameter.choices)
            assert definition.usesStaticStrings()
        if parameter.kind in ("number", "integer") and parameter.minimum is not None:
            assert definition.minimum() == parameter.minimum
        if parameter.kind in ("number", "integer") and parameter.maximum is not None:
            assert definition.maximum() == parameter.maximum


@tools
def test_every_output_is_declared(provider, tool):
    assert {o.name() for o in algorithm(tool).outputDefinitions()} == {o.name for o in tool.outputs}
    for output in tool.file_outputs:
        definition = algorithm(tool).parameterDefinition(output.name)
        assert is_optional(definition) == output.optional
        assert definition.createByDefault() != output.optional


@tools
def test_names_follow_the_rules_of_processing(provider, tool):
    made = algorithm(tool)
    assert made.name().isalnum()
    assert made.name() == made.name().lower()
    assert made.groupId().isalnum()
    assert Path(made.svgIconPath()).exists()
    assert not made.icon().isNull()
    assert made.tags() == list(tool.tags)


@tools
def test_help_names_units_paper_and_every_output(provider, tool):
    from fringelens.processing_provider import help as pages

    for text in (pages.as_html(tool), pages.as_text(tool)):
        assert tool.paper.split(",")[0] in text
        assert all(output.label in text for output in tool.outputs)
    assert "<" not in algorithm(tool).shortHelpString().replace("<=", "")  # no desktop here


def test_help_of_the_mask_shows_its_picture(provider, root):
    from fringelens.core.catalog import find
    from fringelens.processing_provider import help as pages

    picture = root / "plugin" / "pictures" / "decorrelationmask.png"
    assert f'src="{picture.as_uri()}"' in pages.as_html(find("decorrelationmask"))


def test_device_default_comes_from_the_settings(provider, settings):
    from fringelens.processing_provider import parameters, runtime

    device = next(p for p in TOOLS[0].parameters if p.name == "DEVICE")
    settings.setValue(runtime.DEVICE, "cpu")
    assert parameters.build(TOOLS[0], device).defaultValue() == "cpu"
    settings.setValue(runtime.DEVICE, "abacus")
    assert parameters.build(TOOLS[0], device).defaultValue() == "auto"


def test_values_out_of_range_are_refused_with_the_range(provider, write_phase):
    from qgis.core import QgsProcessingContext

    context = QgsProcessingContext()
    made = algorithm(TOOLS[0]).create()
    values = {"INPUT": str(write_phase()), "OUTPUT": "TEMPORARY_OUTPUT", "METHOD": "guess"}
    fine, message = made.checkParameterValues(values, context)
    assert not fine
    assert "METHOD" in message
    fine, message = made.checkParameterValues({"OUTPUT": "TEMPORARY_OUTPUT"}, context)
    assert not fine


def test_outputs_are_geotiff_and_geopackage(provider):
    assert provider.supportedOutputRasterLayerExtensions() == ["tif", "tiff"]
    assert provider.defaultVectorFileExtension(True) == "gpkg"
    assert not provider.supportsNonFileBasedOutput()
