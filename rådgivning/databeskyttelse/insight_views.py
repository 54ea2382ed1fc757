"""Pages of indsigt (art. 15) and dataportabilitet (art. 20): going through the texts, handing the file out, and opening
what was handed out again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import date

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session
from wtforms import BooleanField, ValidationError
from wtforms.widgets import ListWidget

from rådgivning.adgang.permissions import Konflikt, Ret, hent, kræver
from rådgivning.adgang.stepup import frisk
from rådgivning.dansk import dato
from rådgivning.database import current_session, now
from rådgivning.databeskyttelse import requests
from rådgivning.databeskyttelse.collecting import Samling, saml
from rådgivning.databeskyttelse.export import Kvitteret, Udtræk, afslut, forbered, skriv_zip
from rådgivning.databeskyttelse.export_pdf import som_trykt
from rådgivning.databeskyttelse.export_words import afsnit, felt
from rådgivning.databeskyttelse.masking import Fritekst, Sløring, Trykt, aftryk_af, fritekster, i_ord
from rådgivning.databeskyttelse.models import Anmodning, AnmodningData, Maske, Slags, Status
from rådgivning.databeskyttelse.reopening import kræv_kan_åbnes, kræv_åben, åbn_igen
from rådgivning.databeskyttelse.request_words import GENÅBNING, OVERSTREGNING
from rådgivning.databeskyttelse.stepping import når_klar
from rådgivning.felter import FlervalgFelt, Formular, NotatFelt, SkjultFelt, ValgFelt, påkrævet
from rådgivning.spor.trail import aktør

_ONE = "/databeskyttelse/anmodninger/<uuid:anmodning_id>"
_MANGLER = "Identiteten skal være fastslået, og beboeren fundet, før noget kan åbnes."
_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_NYT = "Der er skrevet nyt om beboeren, siden teksterne blev set igennem. Se dem igennem igen."
_RETTET = (
    "Gennemsynet er gemt et andet sted, siden du åbnede siden. Nu står det her, som det blev gemt, med de ord og"
    " udeladelser, du har tilføjet. Se det igennem igen."
)


class GennemsynFormular(Formular):
    """What is struck out, left out or given all the same."""

    ord = NotatFelt("Ord, der skal streges over", max_længde=4000)
    grund = ValgFelt("Hvorfor stregede ord eller udeladte tekster ikke udleveres", choices=list(OVERSTREGNING.items()))
    behold = FlervalgFelt("Ord, der er streget over")
    udelad = FlervalgFelt("Tekster, der udelades")
    medtag = FlervalgFelt("Tekster om andre, der tages med")
    med_navne = BooleanField("Oplys navnene på dem, der har set oplysningerne, og ikke kun deres rolle")

    aftryk = SkjultFelt()
    version = SkjultFelt()

    def validate_grund(self, field: ValgFelt) -> None:
        """What is struck out has a reason."""
        if not field.data and (self.ord.data or self.udelad.data):
            raise ValidationError("Vælg, hvorfor det streges over eller udelades.")


class GenåbnFormular(Formular):
    """Why what was handed out is opened once more."""

    grund = ValgFelt(
        "Hvorfor skal materialet åbnes igen?",
        [påkrævet("Vælg, hvorfor materialet skal åbnes igen.")],
        choices=list(GENÅBNING.items()),
        widget=ListWidget(prefix_label=False),
    )


def add_pages(bp: Blueprint) -> None:
    """Under `/databeskyttelse/anmodninger/<id>`."""
    bp.add_url_rule(f"{_ONE}/gennemsyn", view_func=gennemsyn, methods=["GET", "POST"])
    bp.add_url_rule(f"{_ONE}/udlever", view_func=udlever, methods=["POST"])
    bp.add_url_rule(f"{_ONE}/genåbn", view_func=genåbn, methods=["GET", "POST"])


def _ready(session: Session, anmodning_id: uuid.UUID, *slags: Slags, lås: bool = False) -> tuple[Anmodning, uuid.UUID]:
    """The request, with `lås` held until the commit, and whom it is about. Raises IkkeFundet; and Konflikt for another
    right, before identity is made sure of, for one that was refused, and for one that is answered and was not opened
    again."""
    row = requests.lås(session, anmodning_id, åben=False) if lås else hent(session, Anmodning, anmodning_id)
    if row.slags not in slags or row.beboer_id is None or not row.identitet:
        raise Konflikt(_MANGLER)
    if row.status == Status.AFVIST:
        raise Konflikt(requests.AFGJORT)
    kræv_åben(session, row)
    return row, row.beboer_id


@kræver(Ret.REGISTREREDE)
@frisk
@når_klar
def gennemsyn(anmodning_id: uuid.UUID) -> ResponseReturnValue:
    """Every text somebody has written about her, as she will get it; and what of it must not be given."""
    session = current_session()
    row, beboer_id = _ready(session, anmodning_id, Slags.INDSIGT, lås=request.method == "POST")
    data = requests.tekst(session, row, "gennemsyn") or AnmodningData()
    samling = saml(session, beboer_id, "gennemsyn før indsigt")
    texts = fritekster(samling)
    form = _form(samling, texts, data, row.version)
    if form.is_submitted():
        _refuse_stale(form, texts, data, row.version)
    if not form.validate_on_submit():
        return _page(row, form, samling, texts, data), 422 if form.is_submitted() else 200
    data = _chosen(form, texts, data)
    row.gennemset = now() if request.form.get("trin") == "godkend" else None
    requests.gem(session, row, "gennemset" if row.gennemset else "gennemsyn i gang", data)
    session.commit()
    if row.gennemset is None:
        return redirect(url_for(".gennemsyn", anmodning_id=anmodning_id), 303)
    if forgæves := _in_vain(session, samling, data):
        flash(f"Bemærk: {forgæves} af de overstregede ord eller vendinger står ingen steder i det, beboeren får.")
    flash("Teksterne er set igennem. Nu kan filen udleveres.")
    return redirect(url_for(".anmodning", anmodning_id=anmodning_id), 303)


def _in_vain(session: Session, samling: Samling, data: AnmodningData) -> int:
    mask = Sløring(data, som_trykt(session, samling.helhedsplan_id))
    mask.samling(samling)
    return len(mask.forgæves)


def _refuse_stale(form: GennemsynFormular, texts: Sequence[Fritekst], data: AnmodningData, version: int) -> None:
    """A page is answered only as long as it shows what stands: new texts, or a review saved in another tab, are to be
    seen first. What the other tab struck out or left out stays so, and what it did not give is not given."""
    if form.aftryk.raw_data != [_shown(texts)]:
        form.aftryk.process_errors = [_NYT]
        form.aftryk.process_data(_shown(texts))
    if form.version.raw_data != [str(version)]:
        form.version.process_errors = [_RETTET]
        form.version.process_data(str(version))
        form.behold.data = [str(n) for n in range(len(data.masker))]
        left_out = {*data.udeladt, *form.udelad.data}
        form.udelad.data = [choice.value for choice in form.udelad.choices if choice.value in left_out]
        form.grund.data = form.grund.data or next(iter(data.udeladt.values()), "")
        form.medtag.data = [key for key in form.medtag.data if key in data.medtaget]
        form.med_navne.data = form.med_navne.data and data.med_navne


def _shown(texts: Sequence[Fritekst]) -> str:
    """The texts' hash as the form carries it, in letters alone: digits might read like a CPR number."""
    return aftryk_af(texts).translate(_LETTERS)


def _form(samling: Samling, texts: Sequence[Fritekst], data: AnmodningData, version: int) -> GennemsynFormular:
    kept = [str(n) for n in range(len(data.masker))]
    form = GennemsynFormular(
        data={
            "behold": kept,
            "udelad": list(data.udeladt),
            "medtag": data.medtaget,
            "med_navne": data.med_navne,
            "grund": next(iter(data.udeladt.values()), ""),
            "aftryk": _shown(texts),
            "version": str(version),
        }
    )
    form.behold.choices = [(n, mask.tekst) for n, mask in zip(kept, data.masker, strict=True)]
    form.udelad.choices = [(text.nøgle, text.navn) for text in texts if not text.tredjepart]
    others = [(text.nøgle, text.navn) for text in texts if text.tredjepart]
    form.medtag.choices = others + [(post.id, "Besøg") for post in samling.poster.get("aftale", [])]
    return form


def _chosen(form: GennemsynFormular, texts: Sequence[Fritekst], data: AnmodningData) -> AnmodningData:
    grund = form.grund.data
    kept = [mask for n, mask in enumerate(data.masker) if str(n) in form.behold.data]
    new = [Maske(tekst=" ".join(line.split()), grund=grund) for line in form.ord.data.splitlines() if line.strip()]
    return data.model_copy(
        update={
            "masker": kept + [mask for mask in new if mask.tekst not in {k.tekst for k in kept}],
            "udeladt": {key: data.udeladt.get(key, grund) for key in form.udelad.data},
            "medtaget": form.medtag.data,
            "med_navne": bool(form.med_navne.data),
            "aftryk": aftryk_af(texts),
        }
    )


def _page(
    row: Anmodning, form: GennemsynFormular, samling: Samling, texts: Sequence[Fritekst], data: AnmodningData
) -> str:
    trykt = som_trykt(current_session(), samling.helhedsplan_id)
    mask = Sløring(data, trykt)
    masked = {text.nøgle: text.tekst for text in fritekster(mask.samling(samling))}
    hers = {post.id for rows in samling.poster.values() for post in rows if mask.gives(post)}
    shown = [
        (text, _heading(text), _as_given(text, masked.get(text.nøgle, ""), trykt))
        for text in texts if text.nøgle.partition("/")[0] in hers
    ]  # fmt: skip
    return render_template(
        "databeskyttelse/gennemsyn.html", row=row, form=form, tekster=shown, data=data, forgæves=mask.forgæves,
        besøg=list(_visits(samling, trykt)),
    )  # fmt: skip


def _visits(samling: Samling, trykt: Trykt) -> Iterator[tuple[str, str, list[str]]]:
    """The bookings at her address, for databeskyttelse to say which are hers: id, when and what, and what they say."""
    notes = {post.id: post.indhold.get("note", "") for post in samling.poster.get("aftale_note", [])}
    known = str(next((post.række["oprettet"] for post in samling.poster.get("beboer", [])), ""))
    for post in sorted(samling.poster.get("aftale", []), key=lambda post: (str(post.række["dato"]), post.id)):
        day, said = str(post.række["dato"]), post.indhold
        what = trykt("aftale", "art", str(said.get("art", "")))
        before = "før beboeren blev registreret" if day < known else ""
        names = ("lejemål", "adresse", "deltagere", "svar")
        lines = [f"{felt('aftale', name).navn}: {said[name]}" for name in names if said.get(name)]
        note = [f"Note: {notes[post.id]}"] if notes.get(post.id) else []
        yield post.id, ", ".join(filter(None, (f"Besøg {dato(date.fromisoformat(day))}", what, before))), lines + note


def _as_given(text: Fritekst, masked: str, trykt: Trykt) -> str:
    return i_ord(trykt(text.tabel, text.felt, masked) if text.kilde else masked)


def _heading(text: Fritekst) -> str:
    """What and when a text is from."""
    day = f" {dato(date.fromisoformat(text.dag))}" if text.dag else ""
    return f"{afsnit(text.tabel).en}{day}: {text.navn}"


@kræver(Ret.REGISTREREDE)
@frisk
def udlever(anmodning_id: uuid.UUID) -> ResponseReturnValue:
    """The ZIP, written while it is sent; in the trail before the first byte leaves, with its hash after the last."""
    session = current_session()
    row, beboer_id = _ready(session, anmodning_id, Slags.INDSIGT, Slags.DATAPORTABILITET)
    data = requests.tekst(session, row, "udlevering") or AnmodningData()
    own = row.slags == Slags.DATAPORTABILITET
    if not own:
        if row.gennemset is None:
            raise Konflikt("Teksterne skal ses igennem, før filen kan udleveres.")
        if aftryk_af(fritekster(saml(session, beboer_id, "er der skrevet nyt"))) != data.aftryk:
            raise Konflikt(_NYT)
    udtræk = forbered(session, beboer_id, data, anmodning_id, kun_egne=own)
    session.commit()
    response = Response(_stream(udtræk, anmodning_id), mimetype="application/zip")
    response.headers.set("Content-Disposition", "attachment", filename=f"{row.slags}.zip")
    return response


@kræver(Ret.REGISTREREDE)
@frisk
@når_klar
def genåbn(anmodning_id: uuid.UUID) -> ResponseReturnValue:
    """Open what was handed out again, for an hour, with a reason that stands in the trail."""
    session, form = current_session(), GenåbnFormular()
    row = hent(session, Anmodning, anmodning_id)
    kræv_kan_åbnes(row)
    if not form.validate_on_submit():
        page = render_template("databeskyttelse/genåbn.html", form=form, row=row)
        return page, 422 if form.is_submitted() else 200
    åbn_igen(session, anmodning_id, form.grund.data)
    session.commit()
    flash("Materialet er åbent for dig den næste time. Grunden står i sporet.")
    return redirect(url_for(".anmodning", anmodning_id=anmodning_id), 303)


def _stream(udtræk: Udtræk, anmodning_id: uuid.UUID) -> Iterator[bytes]:
    """The bytes; and when the last one was taken, a Session of its own writes that down."""
    make_session = current_app.extensions["make_session"]
    who = aktør(current_session())

    def pieces() -> Iterator[bytes]:
        kvitteret = Kvitteret()
        yield from skriv_zip(udtræk, kvitteret)
        with make_session() as session:
            session.info["aktør"] = who
            afslut(session, udtræk, kvitteret)
            row = requests.lås(session, anmodning_id, åben=False)
            if row.status == Status.MODTAGET:
                requests.imødekom(session, row)
            session.commit()

    return pieces()
