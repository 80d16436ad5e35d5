"""Runs that were kept for comparison stand beside the weights that are shipped."""

from dataclasses import replace

from fringelens.core.evaluate.configurations import configurations_table, keep
from fringelens.models.registry import Card

FACTS = {"seconds": 600, "seconds_before": 60, "parameters": 2_000_000, "steps": 7, "started_from": "random weights"}
CARD = Card("net", "default", "0" * 64, FACTS, {"score": 0.5, "other": 0.25})


def test_each_run_has_its_column_and_the_last_of_a_kind_counts(tmp_path):
    assert configurations_table(tmp_path, CARD) is None
    for score in (0.9, 0.8):
        keep(tmp_path, replace(CARD, config="paper", metrics={"score": score}))
    keep(tmp_path, replace(CARD, metrics={"score": 0.6, "other": 0.1}))
    keep(tmp_path, replace(CARD, name="elsewhere"))
    table = configurations_table(tmp_path, CARD)
    assert list(table.columns) == ["", "`default`, shipped", "`default`, from random weights", "`paper`"]
    rows = {row[0]: list(row[1:]) for row in table.rows}
    assert rows["score"] == ["0.500", "0.600", "0.800"]
    assert rows["other"] == ["0.250", "0.100", "-"]
    assert rows["minutes of training"] == ["11.0", "11.0", "11.0"]
    assert rows["million parameters"] == ["2.00"] * 3
