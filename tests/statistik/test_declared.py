"""The file that declares the tables."""

from __future__ import annotations

import pytest

from rådgivning.plan.plans import PLANER
from rådgivning.plan.reader import læs
from rådgivning.statistik.counting import tæl
from rådgivning.statistik.declared import FIL, TabelFejl, læs_tabeller, rapporter, standard
from rådgivning.statistik.plan_tables import plantabeller
from rådgivning.statistik.tables import Tabel, led, nøgle
from tests.statistik.cases import GRUPPER, LISTER, fakta, kontakt, periode

TEXT = FIL.read_text(encoding="utf-8")


def test_the_file_declares_tables_and_reports() -> None:
    names = {tabel.navn for tabel in standard()}
    assert {"kontakter_art_tid", "kontakter_aktivitet_tid", "brobygninger_aktivitet"} <= names
    assert set(rapporter()) == {"årsstatus", "kvartalsstatus"}
    assert all(set(report.tabeller) <= names for report in rapporter().values())


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('dimensioner = ["art", "tid"]', 'dimensioner = ["art", "humør"]', "kan ikke deles efter »humør«"),
        ('dimensioner = ["art", "tid"]', "dimensioner = []", "en til 3 dimensioner"),
        ('dimensioner = ["art", "tid"]', 'dimensioner = ["art", "tid", "kilde", "form"]', "en til 3 dimensioner"),
        ('["emnegruppe", "tid"]', '["emnegruppe", "hovedemne"]', "deles efter »hovedemne« to gange"),
        (
            'enhed = "beboere"\ndimensioner = ["aldersgruppe", "afdeling"]',
            'enhed = "beboere"\ndimensioner = ["tid"]',
            "deles efter »tid«",
        ),
        ('navn = "kontakter_kilde_art"', 'navn = "kontakter_art_tid"', "»kontakter_art_tid« står der to gange"),
        ('enhed = "kontakter"', 'enhed = "katte"', "enheden »katte« findes ikke"),
        ('  "kontakter_kilde_art",\n', '  "ukendt",\n', "rapporten »årsstatus«: tabellen »ukendt« findes ikke"),
        ('"tærskel" = "hoveder"', '"tærskel" = "personer"', "»fremmøde« kan ikke have tærsklen »personer«"),
        ('fin = "afdeling"', 'fin = "art"', "boligområde over afdeling"),
        ('art = "Art"\n', "", "dimensionen »art« mangler"),
        ('titel = "Kontakter efter art og tid"', 'overskrift = "x"', "titel: mangler"),
        ("[[tabel]]", "[[tabel", "er ikke gyldig TOML"),
    ],
)
def test_a_mistake_in_the_file_is_told_where_it_stands(old: str, new: str, told: str) -> None:
    assert old in TEXT
    with pytest.raises(TabelFejl) as fejl:
        læs_tabeller(TEXT.replace(old, new, 1).encode())
    assert told in str(fejl.value)


def test_a_plan_gives_the_coarser_dimensions_their_groups() -> None:
    path = PLANER / "ishøj-2025.toml"
    found = {tabel.navn: tabel for tabel in plantabeller(læs(path.read_bytes(), path.name))}
    (name, groups), *_ = found["kontakter_emnegruppe_tid"].grupper
    assert name == "emnegruppe"
    assert "gæld" in dict(groups)["økonomi"]
    assert all(tabel.grupper == () for tabel in found.values() if tabel.dimensioner == ("art", "tid"))


def test_tables_of_one_two_and_three_dimensions_with_coarser_ones_add_up() -> None:
    groups = tuple(GRUPPER.items())
    tables = [
        Tabel("en", "kontakter", ("form",)),
        Tabel("to", "kontakter", ("boligområde", "hovedemne"), grupper=groups),
        Tabel("tre", "kontakter", ("emnegruppe", "aldersgruppe_grov", "tid"), grupper=groups),
    ]
    counted = tæl([*fakta(300), kontakt(afdeling="")], periode("2026"), LISTER, tables)
    for total, parts in counted.summer:
        assert counted.celler[total].antal == sum(counted.celler[part].antal for part in parts)
    assert led(tables[1], counted.dims)[0].værdier == [("aab55", "steenbjerggård"), "uoplyst"]
    inner = {"hovedemne": ("husleje_restance", "gæld", "ydelser"), "aldersgruppe": ("18-24", "25-29")}
    key = nøgle("kontakter", **inner, tid="2026-K2")
    assert 0 < counted.celler[key].antal < counted.celler[nøgle("kontakter", hovedemne=inner["hovedemne"])].antal
    whole = nøgle("kontakter", hovedemne=inner["hovedemne"])
    fine = tuple(nøgle("kontakter", hovedemne=one) for one in inner["hovedemne"])
    assert (whole, fine) in counted.summer
