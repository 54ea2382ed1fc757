"""A believable, invented year in Ishøj: who lives there and what happens, drawn from a seed. Pure data, no database.

Seasonal (quiet July, busy months when the termination letters go out), skewed (a few residents have many contacts), and
plainly invented: no surname exists, and every phone number begins with 00.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

FORNAVNE = (
    "Aase Åse Birthe Connie Ditte Fatma Gülay Hanne Inger Jytte Kirsten Lone Mette Nadia Oda Pernille Rikke Samira "
    "Tove Ulla Vibeke Yasmin Zeynep Ayşe Bodil Dorthe Ellen Gitte Hibo Ahmed Bent Carsten Dogan Erik Finn Gert Hassan "
    "Ib Jørgen Kurt Leif Mehmet Niels Ole Poul Rasmus Søren Torben Ulrik Viggo Yusuf Ægir Øjvind Mustafa Kemal Tariq"
).split()
EFTERNAVNE = (
    "Prøvesen Opdigtsen Eksempelgaard Fiktivlund Tænkeby Påfundsen Dummygård Legendal Skindborg Demosen Øvelsgaard "
    "Ærlighansen Åndssøn Sagnholm Attrapsen Pladsholder Luftkastel Modelsen Figurdal Spøgelsby Teststrup Rollespil"
).split()
VEJE = (
    ("aab55", "Prøveager", 60), ("aab55", "Demostien", 44), ("steenbjerggård", "Eksempelvænget", 30),
    ("vildtbanegård_1", "Fiktivhusene", 26), ("vildtbanegård_2", "Tænkeleddet", 20),
)  # fmt: skip
AFDELING_VÆGT = (46, 26, 15, 8, 5)
ALDRE = (("18-24", 18), ("25-29", 19), ("30-39", 20), ("40-49", 16), ("50-64", 17), ("65+", 10))
TRAVLHED = (1.15, 1.1, 1.05, 0.95, 1.0, 0.9, 0.45, 0.9, 1.15, 1.1, 1.1, 0.75)
ARTER = (("en_til_en", 56), ("opsøgende", 24), ("indflytningssyn", 12), ("servicebesøg", 8))
EMNER = (
    ("husleje_restance", 22), ("økonomi_budget", 13), ("gæld", 8), ("ydelser", 11), ("bolig_flytning", 9),
    ("husorden_nabo", 8), ("fysisk_helbred", 4), ("psykisk_helbred", 6), ("misbrug", 2), ("familie_børn", 5),
    ("vold", 1), ("ensomhed_netværk", 5), ("arbejde_uddannelse", 6), ("digital_hjælp", 10), ("ophold_sprog", 3),
    ("andet", 3),
)  # fmt: skip
KILDER = (
    ("beboeren_selv", 40), ("ejendomsdrift", 17), ("opkrævning", 14), ("anden_beboer", 8), ("kommune", 8),
    ("kollega", 6), ("opsøgende", 5), ("jura", 2),
)  # fmt: skip
BROBYGNING = (
    ("borgerservice", 20), ("cvv", 16), ("jobcenter", 14), ("gældsrådgivning", 12), ("social_økonomisk_rådgivning", 12),
    ("læge", 9), ("forening", 7), ("cbf", 5), ("cbe", 3), ("helhedsplan", 2),
)  # fmt: skip
NOTER = (
    "Gennemgik brevene sammen; den vigtigste frist er skrevet i kalenderen.",
    "Budget lagt for tre måneder. Aftalt at ses igen.",
    "Ringede til kommunen sammen og fik en tid.",
    "Vil gerne have hjælp til at komme i gang med digital post.",
    "Talte om naboforhold og om, hvem man kan gå til.",
    "Hilste på og fortalte om tilbuddene i området.",
    "",
)
RESTANCE_ENDER = (("betalt", 38), ("betalingsaftale", 26), ("enkeltydelse", 14), ("fraflyttet", 6), ("genhusning", 5))
FASER = ("forfalden", "påkrav", "ophævet", "fogedsag", "udsættelse_berammet")


@dataclass(frozen=True)
class Person:
    """An invented resident."""

    navn: str
    telefon: str
    adresse: str
    afdeling: str
    aldersgruppe: str
    børn: bool | None


@dataclass(frozen=True)
class Hændelse:
    """One contact: the day, who (index of Person, None for anonymous) and the fields of KontaktData by name."""

    dag: date
    person: int | None
    felter: dict[str, object]
    opfølgning: int | None = None


@dataclass(frozen=True)
class Sag:
    """One restancesag: phase events by day, and how and when it ended (None: still open)."""

    person: int
    måneder: list[str]
    beløb: Decimal
    forløb: list[tuple[str, date]]
    slut: tuple[str, date] | None
    årsag: str


@dataclass(frozen=True)
class Session:
    """One Sundhedstjek: head counts per age group."""

    dag: date
    sted: str
    tema: str
    fremmøde: dict[str, int]
    brobygninger: int


@dataclass
class År:
    """Everything that happens in the year that ends on `slut`."""

    slut: date
    personer: list[Person] = field(default_factory=list)
    hændelser: list[Hændelse] = field(default_factory=list)
    sager: list[Sag] = field(default_factory=list)
    sundhedstjek: list[Session] = field(default_factory=list)


def believable_year(seed: int, slut: date, start: date) -> År:
    """Draw the year from `start` to `slut`; the same seed and days give the same year."""
    draw = random.Random(seed)  # noqa: S311  # nosec B311
    år = År(slut)
    år.personer = [_person(draw, n) for n in range(250)]
    days = _working_days(start, slut)
    weights = [TRAVLHED[d.month - 1] for d in days]
    popularity = [draw.paretovariate(2.2) for _ in år.personer]
    år.hændelser = sorted(
        (_contact(draw, år.personer, popularity, draw.choices(days, weights)[0]) for _ in range(1200)),
        key=lambda h: h.dag,
    )
    år.sager = [_case(draw, n, days, slut) for n in draw.sample(range(len(år.personer)), 57)]
    år.sager += [_lost(draw, n, days) for n in _others(draw, år)]
    år.sundhedstjek = _health_checks(draw, start, slut)
    return år


def _pick(draw: random.Random, table: Sequence[tuple[str, int]]) -> str:
    return draw.choices([key for key, _ in table], [weight for _, weight in table])[0]


def _working_days(start: date, slut: date) -> list[date]:
    days = [start + timedelta(n) for n in range((slut - start).days + 1)]
    return [d for d in days if d.weekday() < 5]


def _person(draw: random.Random, n: int) -> Person:
    afdeling, vej, numre = draw.choices(VEJE, AFDELING_VÆGT)[0]
    navn = f"{draw.choice(FORNAVNE)} {draw.choice(EFTERNAVNE)}"
    etage = draw.choice(("st. tv.", "st. th.", "1. tv.", "1. th.", "2. tv.", "2. th.", "3. mf."))
    return Person(
        navn=navn,
        telefon=f"+4510{100000 + n * 37 % 900000:06d}" if draw.random() < 0.9 else "",
        adresse=f"{vej} {draw.randint(1, numre)}, {etage}",
        afdeling=afdeling,
        aldersgruppe=_pick(draw, ALDRE),
        børn=draw.choice((True, False, None)),
    )


def _contact(draw: random.Random, people: list[Person], popularity: list[float], dag: date) -> Hændelse:
    art = _pick(draw, ARTER)
    anonymous = draw.random() < (0.18 if art == "opsøgende" else 0.07)
    person = None if anonymous else draw.choices(range(len(people)), popularity)[0]
    home = people[person] if person is not None else _person(draw, 0)
    felter: dict[str, object] = {
        "art": art,
        "aktivitet": "beboerrådgivning",
        "afdeling": home.afdeling,
        "aldersgruppe": home.aldersgruppe if not anonymous or draw.random() < 0.5 else "ukendt",
        "hovedemne": _pick(draw, EMNER) if art != "indflytningssyn" else "bolig_flytning",
        "varighed": draw.choice((10, 15, 20, 30, 30, 45, 60)),
        "notat": draw.choice(NOTER),
    }
    felter.update(_by_art(draw, art))
    if felter["udfald"] == "brobygning":
        felter.update(
            brobygning_til=_pick(draw, BROBYGNING),
            brobygning_ledsaget=draw.random() < 0.4,
            brobygning_resultat=draw.choice(("tilbudt", "accepteret", "accepteret", "første_møde", "ukendt")),
        )
    follow_up = draw.randint(3, 25) if draw.random() < 0.12 and person is not None else None
    return Hændelse(dag, person, felter, follow_up)


def _by_art(draw: random.Random, art: str) -> dict[str, object]:
    if art == "en_til_en":
        form = _pick(draw, (("fremmøde", 55), ("telefon", 25), ("besked", 10), ("hjemmebesøg", 10)))
        udfald = _pick(
            draw,
            (("råd_givet", 48), ("ny_aftale", 17), ("brobygning", 16), ("betalingsaftale", 7), ("ansøgning_sendt", 8),
             ("afsluttet", 4)),
        )  # fmt: skip
        return {"aftale": draw.random() < 0.6, "form": form, "kilde": _pick(draw, KILDER), "udfald": udfald}
    met = draw.random() < (0.62 if art == "opsøgende" else 0.85)
    udfald = _pick(draw, (("råd_givet", 60), ("ny_aftale", 22), ("brobygning", 10), ("afslået", 8)))
    fields: dict[str, object] = {
        "form": draw.choice(("ved_døren", "arrangement")) if art == "opsøgende" else "hjemmebesøg",
        "truffet": met,
        "med_ejendomsdrift": art != "opsøgende" or draw.random() < 0.3,
        "udfald": udfald if met else "ikke_truffet",
        "kilde": "opsøgende" if art == "opsøgende" else "ejendomsdrift",
    }
    if art == "opsøgende":
        reasons = (("restance", 40), ("bekymringshenvendelse", 25), ("egen_observation", 20), ("naboklage", 15))
        fields["anledning"] = _pick(draw, reasons)
    return fields


def _case(draw: random.Random, person: int, days: list[date], slut: date) -> Sag:
    due = draw.choice(days).replace(day=1)
    due = max(due, days[0])
    steps = draw.choices((1, 2, 3, 4, 5), (28, 36, 20, 10, 6))[0]
    gaps = (0, 10, 22, 30, 28)
    forløb: list[tuple[str, date]] = []
    dag = due
    for fase, gap in list(zip(FASER, gaps, strict=True))[:steps]:
        dag += timedelta(days=gap + (draw.randint(0, 6) if gap else 0))
        if dag > slut:
            break
        forløb.append((fase, dag))
    end_day = forløb[-1][1] + timedelta(days=draw.randint(6, 30))
    end = "fraflyttet_efter_ophævelse" if steps >= 3 and draw.random() < 0.12 else _pick(draw, RESTANCE_ENDER)
    months = [f"{due.year}-{due.month:02d}"] if draw.random() < 0.7 else _two_months(due)
    amount = Decimal(draw.randint(4200, 8900) * len(months))
    reasons = ("ydelsesnedsættelse", "manglende_overblik", "ny_i_bolig", "gæld", "jobtab", "samlivsbrud", "ukendt")
    return Sag(person, months, amount, forløb, (end, end_day) if end_day <= slut else None, draw.choice(reasons))


def _others(draw: random.Random, år: År) -> list[int]:
    """Three of AAB 55 who have no case yet: as many as lost their home there in 2024."""
    taken = {sag.person for sag in år.sager}
    free = [n for n, p in enumerate(år.personer) if p.afdeling == "aab55" and n not in taken]
    return draw.sample(free, 3)


def _lost(draw: random.Random, person: int, days: list[date]) -> Sag:
    """A case that went all the way to an udsættelse in the middle of the year."""
    due = days[len(days) // 4 + draw.randrange(len(days) // 4)]
    forløb = [(fase, due + timedelta(days=gap)) for fase, gap in zip(FASER, (0, 12, 33, 60, 85), strict=True)]
    months = _two_months(due)
    return Sag(person, months, Decimal(draw.randint(9000, 17000)), forløb, ("udsat", due + timedelta(days=110)), "gæld")


def _two_months(due: date) -> list[str]:
    earlier = due - timedelta(days=1)
    return [f"{earlier.year}-{earlier.month:02d}", f"{due.year}-{due.month:02d}"]


def _health_checks(draw: random.Random, start: date, slut: date) -> list[Session]:
    """Every second Tuesday, 24 of them, ending before `slut`."""
    last = slut - timedelta(days=(slut.weekday() - 1) % 7)
    days = [last - timedelta(weeks=2 * n) for n in range(24)]
    themes = ("uden_tema", "uden_tema", "blodtryk", "søvn", "diabetes", "mad", "ensomhed")
    return [
        Session(
            dag=dag,
            sted="vejleåparken" if n % 3 else "vildtbanegård",
            tema=draw.choice(themes),
            fremmøde={group: min(9, int(draw.expovariate(0.6))) for group, _ in ALDRE},
            brobygninger=draw.choice((0, 0, 1, 2)),
        )
        for n, dag in enumerate(days)
        if dag >= start
    ]
