"""The lines between QGIS and the worker."""

import pytest
from fringelens.core import protocol
from hypothesis import given, settings
from hypothesis import strategies as st

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60)
@given(st.dictionaries(st.text(max_size=8), VALUES, max_size=4))
def test_a_message_survives_the_way_on_one_line_of_ascii(content):
    message = {**content, "type": "log"}
    line = protocol.encode(message)
    assert line.isascii()
    assert line.count("\n") == 1
    assert line.endswith("\n")
    assert protocol.decode(line) == message


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_lacks_become_null(number):
    assert protocol.decode(protocol.encode({"type": "result", "outputs": {"A": number, "B": [number]}})) == {
        "type": "result",
        "outputs": {"A": None, "B": [None]},
    }


@pytest.mark.parametrize("line", ["", "nonsense", "[]", "3", "{}", '{"type": 3}', '{"type": "job"'])
def test_what_is_no_message_is_refused(line):
    with pytest.raises(ValueError, match=r"Expecting|not a message|delimiter"):
        protocol.decode(line)


def test_an_environment_is_freed_of_what_breaks_the_runtime_and_of_nothing_else():
    environment = {"PROJ_LIB": "/qgis/proj", "PYTHONHOME": "/qgis", "PATH": "/bin", "PROJECT": "mine"}
    assert protocol.clean(environment) == {"PROJ_LIB": "/qgis/proj", "PYTHONHOME": "/qgis"}
    assert environment == {"PATH": "/bin", "PROJECT": "mine"}
