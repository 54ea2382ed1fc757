"""Charts: what they may contain, and that they tell what they show."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from markupsafe import Markup

from rådgivning.statistik.charts import bars, grouped, picture, stacked, trend

NAVNE = {"svg": "http://www.w3.org/2000/svg"}
RÆKKER = [("En-til-en <b>rådgivning</b>", [5, 10]), ("Opsøgende & andet", [0, 1000])]
ALLE = [
    bars("Art", [("Åse & co", 5), ("Øst", 1500)]),
    grouped("Art", ["K1", "K2"], RÆKKER),
    stacked("Art", ["K1", "K2"], RÆKKER),
    trend("Udsættelser", [("2024", 3), ("2025", 4.5)], "udsættelser", [("Grænse", 6), ("Baseline", 3)]),
    trend("Tom", [], "procent"),
    bars("Tom", []),
]


@pytest.mark.parametrize("svg", ALLE)
def test_a_chart_is_an_image_with_title_and_description_and_no_styles_or_scripts(svg: Markup) -> None:
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("viewBox", "").startswith("0 0 480 ")
    labelled = root.get("aria-labelledby", "").split()
    assert labelled == [root.find("svg:title", NAVNE).get("id"), root.find("svg:desc", NAVNE).get("id")]  # type: ignore[union-attr]
    assert not re.search(r"style=|<style|<script|class=|on\w+=", svg)


@pytest.mark.parametrize("svg", ALLE)
def test_every_fill_that_is_used_is_defined_in_the_chart(svg: Markup) -> None:
    used = set(re.findall(r"url\(#([^)]+)\)", svg))
    assert used <= set(re.findall(r'<pattern id="([^"]+)"', svg))


def test_the_description_tells_every_number() -> None:
    root = ET.fromstring(grouped("Art", ["K1", "K2"], RÆKKER))
    told = root.findtext("svg:desc", "", NAVNE)
    assert told == "En-til-en <b>rådgivning</b>: K1 5, K2 10; Opsøgende & andet: K1 0, K2 1.000"
    single = ET.fromstring(bars("Art", [("A", 5)]))
    assert single.findtext("svg:desc", "", NAVNE) == "A: 5"


def test_bars_are_as_long_as_their_numbers_and_a_nought_has_none() -> None:
    root = ET.fromstring(bars("Art", [("A", 50), ("B", 100), ("C", 0)]))
    widths = [float(rect.get("width", "0")) for rect in root.findall("svg:rect", NAVNE)]
    assert len(widths) == 2
    assert widths[1] == pytest.approx(2 * widths[0], abs=0.2)


def test_the_labels_stand_in_the_picture_escaped() -> None:
    assert "&lt;b&gt;" in stacked("Art", ["K1", "K2"], RÆKKER)
    assert "<b>" not in stacked("Art", ["K1", "K2"], RÆKKER)


def test_a_picture_divides_its_bars_only_while_the_parts_can_be_told_apart() -> None:
    few = picture("x", ["a", "b"], [("A", [1, 2])])
    many = picture("x", [str(n) for n in range(12)], [("A", list(range(12)))])
    assert few.count('stroke-width="1"/>') == 4
    assert many.count("<rect x=") == 1


def test_two_charts_of_one_page_share_no_id() -> None:
    ids = [set(re.findall(r' id="([^"]+)"', svg)) for svg in ALLE]
    assert not ids[0] & ids[1]


def test_a_figure_left_out_has_no_bar_and_is_told_as_left_out() -> None:
    svg = picture("x", ["a", "b"], [("A", [None, 2]), ("B", [1, 2])], [None, 3])
    assert svg.count('stroke-width="1"/>') == 5
    assert "∙</text>" in svg
    assert "A: a udeladt, b 2; B: a 1, b 2" in svg
    assert "∙</text>" in picture("x", ["a"], [("A", [None])])
