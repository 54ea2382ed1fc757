"""What the program's own fixed words mean, said to the resident they are about; "" is not printed."""

from __future__ import annotations

from typing import Final

TRUKKET: Final = {
    "mundtligt": "Mundtligt, ved en samtale",
    "telefon": "I telefonen",
    "skriftligt": "Skriftligt: brev, mail eller sms",
    "anden": "Gennem en anden, der handler for dig",
}
MÅDER: Final = {"mundtligt": "Mundtligt", "skriftligt": "Skriftligt"}
SIDER: Final = {"rådgiver": "Din beboerrådgiver", "drift": "Ejendomsdriften"}
IDENTITET: Final = {
    "kendt": "Din beboerrådgiver kender dig, og I har talt sammen",
    "legitimation": "Du har vist legitimation",
    "mitid": "Du skrev gennem Digital Post eller med MitID",
    "telefon": "Vi ringede til dig på det nummer, vi har",
    "fuldmagt": "Vi har set en fuldmagt fra dig og legitimation fra den, der har den",
}
GEMMES: Final = {
    "beboerens_ønske": "Du har bedt om, at forløbet holdes åbent",
    "afventer_svar": "Vi venter på svar fra en myndighed eller et andet tilbud",
    "retskrav": "Oplysningerne skal bruges i en klage eller en retssag",
    "tilsyn": "Et tilsyn eller en revision har bedt om dem",
    "andet": "En anden grund",
}
ADGANG: Final = {
    "sygdom": "Din rådgiver var syg",
    "fravær": "Din rådgiver var væk, og der var ingen vikar",
    "akut": "Det hastede for dig",
    "ophørt": "Din rådgiver var holdt op",
    "andet": "Andet",
}
HENVISNING: Final = {
    "modtaget": "Modtaget",
    "taget_op": "Taget op",
    "kontakt_opnået": "Der er kontakt",
    "afsluttet": "Afsluttet",
}
BESØG: Final = {
    "foreslået": "Foreslået",
    "bekræftet": "Aftalt",
    "gennemført": "Gennemført",
    "afvist": "Afvist",
    "aflyst": "Aflyst",
}
SVAR: Final = {"modtaget": "", "imødekommet": "Ja", "afvist": "Nej"}
GENTAGES: Final = {"uge": "Hver uge", "fjorten_dage": "Hver anden uge", "måned": "Hver måned"}
