"""A plan file with a mistake: the error names the line, the path and says in Danish what is wrong."""

from __future__ import annotations

import re
import tomllib

import pytest

from rådgivning.plan.lines import LineIndex, Sti, skriv_sti
from rådgivning.plan.plans import PLANER
from rådgivning.plan.reader import Fejl, PlanFejl, læs
from rådgivning.plan.schema import PlanIndhold, liste_for

PLAN = (PLANER / "ishøj-2025.toml").read_text("utf-8")


def _broken(old: str, new: str) -> tuple[str, int]:
    """The plan with the first `old` replaced, and the line on which the marked place (⟪) then stands."""
    assert old in PLAN
    text = PLAN.replace(old, new, 1)
    line = text[: text.index("⟪")].count("\n") + 1
    return text.replace("⟪", ""), line


def _errors(text: str) -> tuple[Fejl, ...]:
    with pytest.raises(PlanFejl) as caught:
        læs(text.encode(), "prøve.toml")
    return caught.value.fejl


AAB = '[afdeling.aab55]\netiket = "AAB 55"\nnummer = "55"\nboligorganisation = "aab"'
MISTAKES = {
    "an unknown field": ('etiket = "AAB 55"', '⟪ettiket = "AAB 55"', "afdeling.aab55.ettiket", "»etiket«"),
    "a field nobody knows": ('nummer = "55"', '⟪zzzqqq = "55"', "afdeling.aab55.zzzqqq", "kendes ikke."),
    "a missing field": (
        AAB,
        AAB.replace("[", "⟪[").replace('etiket = "AAB 55"\n', ""),
        "afdeling.aab55.etiket",
        "mangler",
    ),
    "an unknown boligorganisation": (
        'boligorganisation = "aab"',
        '⟪boligorganisation = "abb"',
        "afdeling.aab55.boligorganisation",
        "»abb« findes ikke",
    ),
    "an unknown boligområde": (
        '"boligområde" = "vildtbanegård"\n',
        '⟪"boligområde" = "skoven"\n',
        "afdeling.vildtbanegård_1.boligområde",
        "»skoven« findes ikke",
    ),
    "an unknown delmål": (
        '"understøtter" = ["trivsel"]',
        '⟪"understøtter" = ["trivsell"]',
        "aktivitet.sundhedstjek.understøtter[1]",
        "»trivsell« findes ikke",
    ),
    "an unknown indsatsområde": (
        'tekst = "Andelen af sigtelser falder"\n"indsatsområde" = "kriminalitetsforebyggelse"',
        'tekst = "Andelen af sigtelser falder"\n⟪"indsatsområde" = "kriminalitet"',
        "delmål.sigtelser.indsatsområde",
        "findes ikke",
    ),
    "an unknown art in an array of tables": (
        'art = "servicebesøg"\n\n[[',
        '⟪art = "service"\n\n[[',
        "aktivitet.beboerrådgivning.elementer[3].art",
        "»service« findes ikke",
    ),
    "a filter value that is not in its list": (
        'udfald = "udsat", afdeling',
        '⟪udfald = "smidt_ud", afdeling',
        "optælling.udsættelser_aab55.filter.udfald",
        "restance_udfald",
    ),
    "a filter dimension that does not exist": (
        'hovedemne = "husleje_restance" }',
        '⟪farve = "rød" }',
        "optælling.husleje_kontakter.filter.farve",
        "kendes ikke",
    ),
    "an enhed that does not exist": (
        'filter = { enhed = "fremmøde" }',
        '⟪filter = { enhed = "personer" }',
        "optælling.sundhedstjek_fremmøde.filter.enhed",
        "'kontakt', 'brobygning', 'restancesag', 'fremmøde' eller 'henvisning'",
    ),
    "an exact number without a reason": (
        'offentlig = true\nbegrundelse = "Delaftalen',
        '⟪offentlig = true\n"begrundelse" = "" # "Delaftalen',
        "optælling.udsættelser_aab55.offentlig",
        "begrundelse",
    ),
    "a date before the plan": (
        '"boligområde" = "vildtbanegård"\nfra = 2025-11-01',
        '"boligområde" = "vildtbanegård"\n⟪fra = 2025-10-31',
        "afdeling.vildtbanegård_1.fra",
        "uden for helhedsplanens periode",
    ),
    "an end before its beginning": (
        'hast]\nakut = "Akut: samme dag"',
        'hast]\n⟪akut = { etiket = "Akut", fra = 2027-01-01, til = 2026-01-01 }',
        "liste.hast.akut.til",
        "før begyndelsesdatoen",
    ),
    "a plan that ends before it begins": (
        "til = 2029-10-31",
        "⟪til = 2025-10-31",
        "helhedsplan.til",
        "før begyndelsesdatoen",
    ),
    "a date that is a text": ("fra = 2025-11-01", '⟪fra = "1/11-2025"', "helhedsplan.fra", "Skal være en dato"),
    "a ceiling without its direction": (
        'retning = "under"',
        '⟪retning = "ned"',
        "indikator.udsættelser_aab55.retning",
        "grænse",
    ),
    "a direction that does not exist": (
        'retning = "ned"',
        '⟪retning = "nedad"',
        "indikator.isoleret.retning",
        "'op', 'ned' eller 'under'",
    ),
    "a percentage over 100": (
        'baseline = { "år" = 2023, "værdi" = 7.8 }',
        '⟪baseline = { "år" = 2023, "værdi" = 178 }',
        "indikator.isoleret.baseline.værdi",
        "over 100",
    ),
    "a figure written as a text": (
        'baseline = { "år" = 2023, "værdi" = 7.8 }',
        '⟪baseline = { "år" = 2023, "værdi" = "7,8 %" }',
        "indikator.isoleret.baseline.værdi",
        "7.8",
    ),
    "an indicator without a unit": (
        'navn = "Tillid til politikere"\nenhed = "%"',
        'navn = "Tillid til politikere"\nenhed = ⟪""',
        "indikator.tillid_politikere.enhed",
        "tom",
    ),
    "a year that is a date": (
        '{ "år" = 2018, "værdi" = 2 }',
        '⟪{ "år" = 2018-01-01, "værdi" = 2 }',
        "indikator.udsættelser_aab55.historik[2].år",
        "helt tal",
    ),
    "two figures for one year": (
        '{ "år" = 2018, "værdi" = 2 }',
        '⟪{ "år" = 2024, "værdi" = 2 }',
        "indikator.udsættelser_aab55.historik[2]",
        "flere tal for 2024",
    ),
    "a percentage that is not its fraction": (
        'baseline = { "år" = 2023, "værdi" = 7.8 }',
        '⟪baseline = { "år" = 2023, "værdi" = 7.8, "tæller" = 12, "nævner" = 148 }',
        "indikator.isoleret.baseline.værdi",
        "passer ikke",
    ),
    "more decimals than the indicator has": (
        '{ "år" = 2018, "værdi" = 2 }',
        '⟪{ "år" = 2018, "værdi" = 2.5 }',
        "indikator.udsættelser_aab55.historik[2].værdi",
        "flere decimaler",
    ),
    "a denominator without a numerator": (
        'baseline = { "år" = 2023, "værdi" = 7.8 }',
        '⟪baseline = { "år" = 2023, "værdi" = 7.8, "nævner" = 12 }',
        "indikator.isoleret.baseline",
        "skal have en tæller",
    ),
    "a numerator above its denominator": (
        'baseline = { "år" = 2023, "værdi" = 7.8 }',
        '⟪baseline = { "år" = 2023, "værdi" = 7.8, "tæller" = 12, "nævner" = 11 }',
        "indikator.isoleret.baseline.tæller",
        "større end nævneren",
    ),
    "a footnote that is not there": ('fodnoter = ["1", "2"]', '⟪fodnoter = ["1", "2", "3"]', None, "»3« findes ikke"),
    "a footnote no figure points to": (
        '2 = "Tallet er',
        '⟪3 = "Ingen"\n2 = "Tallet er',
        "indikator.udsættelser_aab55.fodnoter.3",
        "Ingen tal",
    ),
    "two afdelinger with one number": (
        'etiket = "Vildtbanegård II"',
        'etiket = "Vildtbanegård II"\n⟪nummer = "7"\n',
        "afdeling.vildtbanegård_2.nummer",
        "også nummer 7",
    ),
    "two labels alike": (
        'hjemmebesøg" = "Hjemmebesøg"\ntelefon = "Telefon"',
        'hjemmebesøg" = "Hjemmebesøg"\n⟪telefon = "hjemmebesøg"',
        "liste.form.telefon",
        "Har samme navn",
    ),
    "a key in capitals": ('jura = "Jura"', '⟪Jura = "Jura"', "liste.henvisningskilde.Jura", "små bogstaver"),
    "a list nobody knows": ("[liste.hast]", "⟪[liste.hastighed]", "liste.hastighed", "Skal være en af: 'art', "),
    "a list without values": (
        PLAN[PLAN.index("hast]") :].strip(),
        "⟪hast]",
        "liste.hast",
        "tom",
    ),
    "a group that is not there": (
        'misbrug = { etiket = "Misbrug", gruppe = "helbred" }',
        '⟪misbrug = { etiket = "Misbrug", gruppe = "sygdom" }',
        "liste.emne.misbrug.gruppe",
        "»sygdom« findes ikke",
    ),
    "an outcome for an unknown art": (
        'arter = ["opsøgende", "indflytningssyn", "servicebesøg"] }',
        '⟪arter = ["opsøgende", "indflytning", "servicebesøg"] }',
        "liste.udfald.ikke_truffet.arter[2]",
        "findes ikke",
    ),
    "an age band that ends before it begins": (
        "alder_fra = 30, alder_til = 39",
        "⟪alder_fra = 30, alder_til = 29",
        "liste.aldersgruppe.30-39.alder_til",
        "slutter",
    ),
    "an advice offer without arts": (
        '"rådgivning" = true\narter = ["en_til_en"]',
        '"rådgivning" = true # ⟪',
        None,
        "skal have arter",
    ),
    "a yes that is a word": ("offentlig = true", '⟪offentlig = "måske"', None, "true eller false"),
    "a list that is a text": ('"understøtter" = ["trivsel"]', '⟪"understøtter" = "trivsel"', None, "liste i [ ]"),
    "a table that is a text": (
        '[afdeling.aab55]\netiket = "AAB 55"',
        '[afdeling]\n⟪aab55 = "AAB 55"\n[afdeling.x]\netiket="X"',
        "afdeling.aab55",
        "tabel",
    ),
    "an unknown count's indicator": (
        'indikator = "udsættelser_aab55"',
        '⟪indikator = "udsat"',
        "optælling.udsættelser_aab55.indikator",
        "»udsat« findes ikke",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found_on_its_line(mistake: str) -> None:
    old, new, path, words = MISTAKES[mistake]
    text, line = _broken(old, new)
    if mistake == "two afdelinger with one number":
        text = text.replace('etiket = "Vildtbanegård I"', 'nummer = "7"\netiket = "Vildtbanegård I"')
        line += 1
    if mistake == "an advice offer without arts":
        line = text[: text.index('[aktivitet."social_økonomisk_rådgivning"]')].count("\n") + 1
    errors = _errors(text)
    assert [error.linje for error in errors if words in error.besked] == [line], errors
    assert path is None or path in {error.sti for error in errors}


SYNTAX = {
    "a name with æøå without quotes": ('"delmål" = "tillid"', '⟪delmål = "tillid"', "anførselstegn"),
    "the same key twice": ('jura = "Jura"', 'jura = "Jura"\n⟪jura = "Juristerne"', "brugt før"),
    "the same table twice": ("[afdeling.aab55]", "[afdeling.aab55]\n⟪[afdeling.aab55]", "skrevet før"),
    "a text without its end": ('navn = "Ishøj Boligselskab"', '⟪navn = "Ishøj Boligselskab', "anførselstegn"),
    "a name without a value": ("fra = 2025-11-01", "⟪fra 2025-11-01", "lighedstegn"),
    "a text without quotes": ('jura = "Jura"', "⟪jura = Jura", "Værdien kan ikke læses"),
    "a day the calendar does not have": ("fra = 2025-11-01", "⟪fra = 2025-02-31", "Datoen findes ikke"),
}


@pytest.mark.parametrize("mistake", SYNTAX)
def test_text_that_is_not_toml_is_told_with_its_line(mistake: str) -> None:
    old, new, words = SYNTAX[mistake]
    text, line = _broken(old, new)
    (error,) = _errors(text)
    assert error.linje == line
    assert words in error.besked


def test_a_list_that_never_ends_is_told_at_the_end_of_the_file() -> None:
    text = '[helhedsplan]\nparter = [\n  "A",\n'
    (error,) = _errors(text)
    assert (error.linje, error.besked) == (3, "Filen slutter midt i en værdi: der mangler nok et ] eller }.")


def test_an_empty_file_misses_every_section() -> None:
    errors = _errors("")
    assert {error.sti for error in errors} >= {"helhedsplan", "afdeling", "aktivitet"}
    assert {error.linje for error in errors} == {1}


def test_a_file_that_is_not_utf8_is_told_with_its_line() -> None:
    with pytest.raises(PlanFejl, match=r"gammel\.toml, linje 2: Filen skal gemmes som UTF-8"):
        læs(b"# en\n# \xe6\n", "gammel.toml")


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = PLAN.replace('etiket = "AAB 55"', "etiket = 55").replace(
        'tekst = "Andelen af sigtelser falder"', "tekst = true"
    )
    errors = _errors(text)
    assert [error.sti for error in errors] == ["afdeling.aab55.etiket", "delmål.sigtelser.tekst"]
    assert errors[0].linje < errors[1].linje


def test_a_message_is_one_line_that_names_file_line_and_path() -> None:
    with pytest.raises(PlanFejl) as caught:
        læs(PLAN.replace('etiket = "AAB 55"', "etiket = 55").encode(), "ishøj-2025.toml")
    (line,) = caught.value.linjer()
    assert re.fullmatch(
        r"ishøj-2025\.toml, linje \d+, afdeling\.aab55\.etiket: Skal være en tekst i anførselstegn\.", line
    )


def test_windows_line_ends_a_mark_at_the_start_and_split_letters_change_nothing() -> None:
    import unicodedata

    odd = "\ufeff" + unicodedata.normalize("NFD", PLAN).replace("\n", "\r\n")
    assert læs(odd.encode(), "x.toml") == læs(PLAN.encode(), "x.toml")


def _earlier(**changes: str) -> PlanIndhold:
    text = PLAN
    for old, new in changes.items():
        text = text.replace(f'{old} = "Jura"', f"{old} = {new}")
    return læs(text.encode(), "før.toml")


def test_a_retired_key_is_not_used_for_something_else() -> None:
    before = _earlier(jura='{ etiket = "Jura og udlejning", til = 2026-05-01 }')
    with pytest.raises(PlanFejl, match="»Jura og udlejning« og må ikke bruges om andet"):
        læs(PLAN.encode(), "ny.toml", before)


def test_a_retired_key_may_come_back_as_what_it_was_and_a_living_one_be_renamed() -> None:
    back = _earlier(jura='{ etiket = "Jura", til = 2026-05-01 }')
    renamed = _earlier(jura='"Juristerne"')
    assert læs(PLAN.encode(), "ny.toml", back) == læs(PLAN.encode(), "ny.toml", renamed)


def test_a_label_may_be_corrected_before_and_after_the_key_is_retired() -> None:
    coming = _earlier(jura='{ etiket = "Juraen", til = 2027-05-01 }')
    læs(PLAN.encode(), "ny.toml", coming)
    past = _earlier(jura='{ etiket = "Juraen", til = 2026-05-01 }')
    corrected = PLAN.replace('jura = "Jura"', 'jura = { etiket = "Jura", til = 2026-05-01 }')
    læs(corrected.encode(), "ny.toml", past)


def test_a_percentage_may_tell_its_fraction() -> None:
    for fraction in ('"tæller" = 8, "nævner" = 103', '"tæller" = 8'):
        told = PLAN.replace('"værdi" = 7.8 }', f'"værdi" = 7.8, {fraction} }}')
        assert læs(told.encode(), "x.toml").indikator["isoleret"].baseline is not None


def test_every_line_of_the_plan_is_known_to_the_line_index() -> None:
    index = LineIndex(PLAN)
    lines = PLAN.splitlines()

    def walk(value: object, path: Sti) -> None:
        line = lines[index.find(path) - 1]
        if path and isinstance(path[-1], str):
            assert path[-1] in line
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(inner, (*path, key))
        if isinstance(value, list):
            for number, inner in enumerate(value):
                walk(inner, (*path, number))

    walk(tomllib.loads(PLAN), ())


def test_lines_are_found_through_every_form_toml_has() -> None:
    text = "\n".join(
        [
            '# a comment with [brackets] = and "quotes"',
            'a.b."c d" = """',
            "x = 1 # not a key",
            '"" quoted """',
            "[[t]]",
            "l = '''",
            "[no]'''",
            "[[t]]",
            "l = [ # comment",
            "  1, { k = 'it' },",
            "  [ 2, 3 ],",
            "]",
            "[[t.inner]]",
            'd = 2026-01-01 10:00:00 # "',
            "[t.inner.deep]",
            'e = "a\\"]b"',
        ]
    )
    tomllib.loads(text)
    index = LineIndex(text)
    places: dict[Sti, int] = {
        ("a", "b", "c d"): 2,
        ("t",): 5,
        ("t", 0): 5,
        ("t", 0, "l"): 6,
        ("t", 1): 8,
        ("t", 1, "l", 1, "k"): 10,
        ("t", 1, "l", 2, 1): 11,
        ("t", 1, "inner", 0): 13,
        ("t", 1, "inner", 0, "d"): 14,
        ("t", 1, "inner", 0, "deep", "e"): 16,
        ("t", 1, "inner", 0, "deep", "missing"): 15,
    }
    assert {path: index.find(path) for path in places} == places


def test_a_path_is_written_as_people_count() -> None:
    assert skriv_sti(("a", "b", 0, "c")) == "a.b[1].c"


def test_a_dimension_knows_its_list() -> None:
    assert liste_for("modtager", "brobygning") == "brobygning_til"
    assert liste_for("udfald", "kontakt") == "udfald"
    assert liste_for("udfald", "restancesag") == "restance_udfald"
    assert liste_for("afdeling", "kontakt") == "afdeling"
