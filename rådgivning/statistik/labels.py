"""Danish names for what the figures are keyed by. Keys stay in the JSON; pages, XLSX and CSV show these."""

from __future__ import annotations

from collections.abc import Mapping

from babel.dates import format_date

from rådgivning.plan.schema import PlanIndhold, liste_for
from rådgivning.statistik.periods import Periode, month_days, months_of
from rådgivning.statistik.release import Release
from rådgivning.statistik.tables import ENHEDER, FASTE, UOPLYST

ENHED = {
    "kontakter": "Kontakter",
    "beboere": "Beboere",
    "restancesager": "Restancesager",
    "fremmøde": "Fremmødte",
    "brobygninger": "Brobygninger",
}
DIMENSION = {
    "art": "Art",
    "afdeling": "Afdeling",
    "hovedemne": "Hovedemne",
    "aldersgruppe": "Aldersgruppe",
    "kilde": "Henvisningskilde",
    "udfald": "Udfald",
    "restance_udfald": "Udfald",
    "fase": "Længst nåede fase",
    "kontaktet": "Truffet før ophævelsen",
    "ventetid": "Fra listen til første kontakt",
    "afværget": "Afværget",
    "modtager": "Brobygning til",
    "ledsaget": "Ledsaget",
    "sted": "Sted",
    "tid": "Periode",
}
TITEL = {
    "kontakter_art_tid": "Kontakter efter art og tid",
    "kontakter_art_afdeling": "Kontakter efter art og afdeling",
    "kontakter_hovedemne_aldersgruppe": "Kontakter efter hovedemne og aldersgruppe",
    "kontakter_kilde_art": "Kontakter efter henvisningskilde og art",
    "kontakter_udfald_art": "Kontakter efter udfald og art",
    "beboere_aldersgruppe_afdeling": "Beboere efter aldersgruppe og afdeling",
    "restancesager_udfald_tid": "Afsluttede restancesager efter udfald og tid",
    "restancesager_udfald_afdeling": "Afsluttede restancesager efter udfald og afdeling",
    "restancesager_fase_udfald": "Afsluttede restancesager efter længst nåede fase og udfald",
    "restancesager_afværget_udfald": "Afsluttede restancesager efter udfald, og om udsættelsen blev afværget",
    "restancesager_ventetid_kontaktet": "Afsluttede restancesager efter ventetid, og om husstanden blev truffet i tide",
    "fremmøde_aldersgruppe_tid": "Fremmøde til Sundhedstjek efter aldersgruppe og tid",
    "fremmøde_sted_tid": "Fremmøde til Sundhedstjek efter sted og tid",
    "brobygninger_modtager_ledsaget": "Brobygninger efter modtager og ledsagelse",
    "brobygninger_modtager_tid": "Brobygninger efter modtager og tid",
}
NOTE = {
    "beboere_aldersgruppe_afdeling": "Hver beboer med mindst én kontakt tæller én gang: dér, hvor den seneste måned "
    "placerer hende. Kontakter uden navngiven beboer tæller ikke med.",
    "restancesager_udfald_tid": "Kun sager, der har fået et udfald.",
    "restancesager_udfald_afdeling": "Kun for hele kalenderår.",
    "restancesager_fase_udfald": "Hver sag tæller én gang: ved den fase, den nåede længst, i den måned, den sluttede.",
    "restancesager_afværget_udfald": "Afværget: sagen var kommet til ophævelsen, og husstanden har en bolig.",
    "restancesager_ventetid_kontaktet": "Ventetiden er dagene, fra sagen kom på listen, til nogen i husstanden blev "
    "truffet. I tide: senest på dagen for ophævelsen, eller i en sag, der aldrig kom så langt.",
    "fremmøde_aldersgruppe_tid": "Hovedtal: den samme beboer kan være talt med flere gange.",
    "fremmøde_sted_tid": "Hovedtal: den samme beboer kan være talt med flere gange.",
}
TO_KALENDERÅR = "Perioden rummer et årsskifte: en beboer med kontakt både før og efter nytår tæller to gange."


class Etiketter:
    """The labels of one plan: categories by dimension and key, retired ones included."""

    def __init__(self, indhold: PlanIndhold) -> None:
        self._labels: dict[str, Mapping[str, str]] = dict(FASTE)
        self._totals = {f"offentlig_{key}": value.etiket for key, value in indhold.optælling.items()}
        self.begrundelser = {f"offentlig_{key}": value.begrundelse for key, value in indhold.optælling.items()}
        for enhed in ENHEDER.values():
            for name, column in enhed.kolonner.items():
                source = liste_for(column, enhed.fakta)
                if source == "afdeling":
                    self._labels[name] = {key: value.etiket for key, value in indhold.afdeling.items()}
                elif source in indhold.liste:
                    values = indhold.liste[source]  # type: ignore[index]
                    self._labels[name] = {key: value.etiket for key, value in values.items()}

    def kategori(self, dimension: str, nøgle: str) -> str:
        """The label of a category; a key that no list has shows as itself."""
        if nøgle == UOPLYST:
            return "Ikke oplyst"
        return tid(nøgle) if dimension == "tid" else self._labels.get(dimension, {}).get(nøgle, nøgle)

    def titel(self, tabel: str) -> str:
        """The title of a table or of a public total."""
        return TITEL.get(tabel) or self._totals.get(tabel, tabel)


def noter(tabel: str, periode: Periode) -> list[str]:
    """What must be said with a table."""
    found = [NOTE[tabel]] if tabel in NOTE else []
    if tabel.startswith("beboere") and len({month[:4] for month in periode.måneder}) > 1:
        found.append(TO_KALENDERÅR)
    return found


def metode(release: Release) -> str:
    """How the figures are protected, in the words every page and file of them carries."""
    base = release.indhold["known_rule"]["base"]
    years = len({month[:4] for month in release.periode.måneder})
    small = f"0 eller {base}" if years == 1 else f"højst {base} for hvert kalenderår"
    return (
        f"Alle tal er afrundet til 0, {base}, {2 * base} og så videre, så ingen beboer kan findes i dem. Retningen er "
        f"tilfældig, summerne går op, og et tal kan ligge op til {years * (base - 1)} fra det rigtige, i få tilfælde "
        f"mere. Tal med færre end {release.revision['tærskel']} personer bag sig vises som {small}; et vist 0 kan "
        "derfor dække over få. En måned, der er slut, ligger fast: rettelser for få personer ændrer ingen tal."
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
