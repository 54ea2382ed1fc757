"""Danish names for what the figures are keyed by. Keys stay in the JSON; pages, XLSX and CSV show these."""

from __future__ import annotations

from collections.abc import Mapping

from babel.dates import format_date

from rådgivning.plan.schema import PlanIndhold, liste_for
from rådgivning.statistik.declared import erklæret
from rådgivning.statistik.periods import Periode, month_days, months_of
from rådgivning.statistik.plan_tables import grove
from rådgivning.statistik.release import Release
from rådgivning.statistik.tables import ENHEDER, FASTE, GROVE, IKKE_ADDITIVE, UOPLYST, Tabel, Værdi, liste

ENHED = erklæret().enheder
DIMENSION = erklæret().dimensioner
TO_KALENDERÅR = "Perioden rummer et årsskifte: en beboer med kontakt både før og efter nytår tæller to gange."


class Etiketter:
    """The labels of one plan: categories by dimension and key, retired ones included."""

    def __init__(self, indhold: PlanIndhold) -> None:
        self._labels: dict[str, Mapping[str, str]] = dict(FASTE)
        self._groups = {
            name: {frozenset(keys): label for label, keys in groups.values()} for name, groups in grove(indhold).items()
        }
        self._totals = {f"offentlig_{key}": value.etiket for key, value in indhold.optælling.items()}
        self.begrundelser = {f"offentlig_{key}": value.begrundelse for key, value in indhold.optælling.items()}
        for enhed in ENHEDER.values():
            for name, column in enhed.kolonner.items():
                source = liste_for(column, enhed.fakta)
                if source == "afdeling":
                    self._labels[name] = {key: value.etiket for key, value in indhold.afdeling.items()}
                elif source == "aktivitet":
                    self._labels[name] = {key: value.navn for key, value in indhold.aktivitet.items()}
                elif source in indhold.liste:
                    values = indhold.liste[source]  # type: ignore[index]
                    self._labels[name] = {key: value.etiket for key, value in values.items()}

    def kategori(self, dimension: str, værdi: Værdi) -> str:
        """The label of a category, a coarse one also of a group the plan no longer has; a key that no list has shows as
        itself."""
        keys = liste(værdi)
        if len(keys) > 1:
            dimension = next((coarse for coarse, fine in GROVE.items() if fine == dimension), dimension)
        if dimension in GROVE:
            group = self._groups[dimension].get(frozenset(keys))
            return group or " og ".join(self.kategori(GROVE[dimension], key) for key in keys)
        if keys == (UOPLYST,):
            return "Ikke oplyst"
        known = self._labels.get(dimension, {})
        return " og ".join(tid(key) if dimension == "tid" else known.get(key, key) for key in keys)

    def offentlig(self, navn: str) -> str:
        """The title of a public total."""
        return self._totals.get(navn, navn)


def noter(tabel: Tabel, periode: Periode) -> list[str]:
    """What must be said with a table."""
    found = [tabel.note] if tabel.note else []
    if tabel.enhed in IKKE_ADDITIVE and len({month[:4] for month in periode.måneder}) > 1:
        found.append(TO_KALENDERÅR)
    return found


def metode(release: Release) -> str:
    """How the figures are protected, in the words every page and file of them carries."""
    rule = release.indhold["known_rule"]
    if "base" not in rule:
        return (
            f"Tal, der bygger på færre end {rule.get('threshold', 5)} personer, er udeladt (∙), og så mange andre, at "
            "de ikke kan regnes ud. De tal, der vises, er præcise; et udeladt tal er ikke 0. Udgivne tal ændres aldrig."
        )
    base = rule["base"]
    years = len({month[:4] for month in release.periode.måneder})
    small = f"0 eller {base}" if years == 1 else f"højst {base} for hvert kalenderår"
    return (
        f"Alle tal er afrundet til 0, {base}, {2 * base} og så videre, så ingen beboer kan findes i dem. Retningen er "
        f"tilfældig, summerne går op, og et tal kan ligge op til {years * (base - 1)} fra det rigtige, i få tilfælde "
        f"mere. Tal med færre end {release.revision['tærskel']} personer bag sig vises som {small}; et vist 0 kan "
        "derfor dække over få. En måned, der er lukket, ligger fast: senere rettelser ændrer ingen tal."
    )


def tid(kode: str) -> str:
    """`1. kvartal 2026`, `marts 2026`, `nov. 2025 – jan. 2026` or the year itself."""
    if "-K" in kode:
        return f"{kode[-1]}. kvartal {kode[:4]}"
    if "/" in kode:
        first, last = (format_date(month_days(month)[0], "MMM y", locale="da") for month in kode.split("/"))
        return f"{first} – {last}"
    if "-" in kode and months_of(kode):
        return str(format_date(month_days(kode)[0], "MMMM y", locale="da"))
    return kode


def planår(indhold: PlanIndhold) -> tuple[str, str]:
    """The first and the last month of the plan's own year: november, oktober."""
    head = indhold.helhedsplan
    return format_date(head.fra, "MMMM", locale="da"), format_date(head.til, "MMMM", locale="da")


def periode_navn(periode: Periode) -> str:
    """`2026`, `1. kvartal 2026` or `planår 1 (november 2025 – oktober 2026)`."""
    if periode.navn.startswith("planår-"):
        span = f"{tid(periode.måneder[0])} – {tid(periode.måneder[-1])}"
        return f"{periode.navn.replace('-', ' ')} ({span})"
    return tid(periode.navn)
