"""A template of any kind of document: known places alone, and nothing that runs."""

from __future__ import annotations

import pytest

from rådgivning.skabeloner.package import tjek_pakke
from rådgivning.skabeloner.places import TEKST, Lukket, Pladser, SkabelonFejl

PLADSER = Pladser({"titel": TEKST, "dele": "dele"}, "titel", {"del": {"navn": TEKST}}, {"dele": "del"})


def test_known_places_are_filled_in_and_escaped() -> None:
    made = Lukket(PLADSER).from_string(
        "{{ titel }}{% for d in dele %}{% if d.navn %}, {{ d.navn }}{% endif %}{% endfor %}"
    )
    assert made.render(titel="<b>", dele=[{"navn": "Zxq"}]) == "&lt;b&gt;, Zxq"


@pytest.mark.parametrize(
    "source",
    [
        "{{ 7*7 }}",
        "{{ titel|upper }}",
        "{{ titel.__class__ }}",
        "{{ cycler() }}",
        "{{ ukendt }}",
        "{{ dele }}",
        "{% for t in titel %}{% endfor %}",
        "{% set titel = 1 %}",
        "{% include 'x' %}",
        "{{ titel",
    ],
)
def test_anything_else_is_refused_with_a_sentence(source: str) -> None:
    with pytest.raises(SkabelonFejl) as fejl:
        Lukket(PLADSER).from_string(source)
    assert str(fejl.value).endswith(".")


def test_a_file_that_is_no_document_is_refused() -> None:
    with pytest.raises(SkabelonFejl, match="Gem den som Word-dokument"):
        tjek_pakke(b"Zxq")
    with pytest.raises(SkabelonFejl, match="for stor"):
        tjek_pakke(b"0" * 1_000_001)
