"""The page on detection first: shares add up, the whole scene is scaled by its area, and targets stand beside."""

from fringelens.core.commands.bench_detection_page import Measured, Step, report


def test_the_section_says_where_the_time_goes_and_how_the_comparison_was_made():
    measured = Measured(side=2000, count=350, share=4)
    measured.steps = [Step("stack", 30, 40, 200), Step("detect", 60, 70, 900), Step("series", 90, 99, 500)]
    measured.part = Step("series", 100, 150, 700)
    measured.detections, measured.right, measured.slides, measured.found = 9, 8, 10, 7
    text = report(measured).markdown()
    assert "| stack | 30 | 17 % | 40 | 200 |" in text
    assert "| together | 180 | 100 % | 209 | 900 |" in text
    assert "| files to detections, minutes | 1.5 |" in text
    assert "| detection first over whole scene | 0.113 | at most 0.2 |" in text
    assert "7 of 10" in text
    assert "1/16" in text
