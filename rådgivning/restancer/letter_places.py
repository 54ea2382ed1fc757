"""What a DOCX template may say: the known places, loops over pages, paragraphs and lines, and nothing else.

A template is written in Jinja and uploaded by an organisation. It is checked before it runs: every expression is a
known name (no call, no filter, no arithmetic, no assignment), and what passes runs in Jinja's sandbox.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

TEKST, JA_NEJ = "tekst", "ja/nej"
PLADSER: Final[Mapping[str, str]] = {
    "afsender": TEKST,
    "afsender_adresse": TEKST,
    "afsender_telefon": TEKST,
    "logo": TEKST,
    "dato": TEKST,
    "modtager": TEKST,
    "modtager_adresse": TEKST,
    "rådgiver": TEKST,
    "sider": "sider",
}
FELTER: Final[Mapping[str, Mapping[str, str]]] = {
    "side": {
        "emne": TEKST,
        "hilsen": TEKST,
        "afsnit": "afsnit",
        "linjer": "linjer",
        "slut": TEKST,
        "rådgiver": TEKST,
        "afsender": TEKST,
    },
    "linje": {"navn": TEKST, "værdi": TEKST},
    "løkke": {"first": JA_NEJ, "last": JA_NEJ},
}
INDHOLD: Final[Mapping[str, str]] = {"sider": "side", "afsnit": TEKST, "linjer": "linje"}
DYBDE: Final = 3


class SkabelonFejl(ValueError):
    """The template cannot be used; the message is a Danish sentence."""


class Lukket(SandboxedEnvironment):
    """A Jinja environment that refuses every template with anything in it but the known places."""

    def __init__(self) -> None:
        super().__init__(autoescape=True)

    def compile(self, source: Any, *args: Any, **kwargs: Any) -> Any:
        """Check, then compile."""
        try:
            tree = self.parse(source)
        except TemplateSyntaxError:
            raise SkabelonFejl("En plads i skabelonen er skrevet forkert. Den skal stå som {{ modtager }}.") from None
        for node in tree.body:
            _check(node, PLADSER, 0)
        return super().compile(source, *args, **kwargs)


def _check(node: nodes.Node, known: Mapping[str, str], depth: int) -> None:
    match node:
        case nodes.Output():
            for part in node.nodes:
                if not isinstance(part, nodes.TemplateData) and _kind(part, known) != TEKST:
                    raise SkabelonFejl(f"Pladsen {_words(part)} kan ikke stå alene i teksten.")
        case nodes.For(test=None, recursive=False) if isinstance(node.target, nodes.Name):
            kind = _kind(node.iter, known)
            if kind not in INDHOLD or depth >= DYBDE:
                raise SkabelonFejl(f"Der kan ikke gentages over {_words(node.iter)} her.")
            inner = {**known, node.target.name: INDHOLD[kind], "loop": "løkke"}
            for child in (*node.body, *node.else_):
                _check(child, inner, depth + 1)
        case nodes.If():
            _condition(node.test, known)
            for child in (*node.body, *node.elif_, *node.else_):
                _check(child, known, depth)
        case _:
            raise SkabelonFejl(_NOT_ALLOWED)


_NOT_ALLOWED = "Skabelonen indeholder andet end pladser, gentagelser og betingelser. Brug kun dem, der står på siden."


def _condition(node: nodes.Node, known: Mapping[str, str]) -> None:
    if isinstance(node, nodes.Not):
        _condition(node.node, known)
    elif isinstance(node, nodes.And | nodes.Or):
        _condition(node.left, known)
        _condition(node.right, known)
    else:
        _kind(node, known)


def _kind(node: nodes.Node, known: Mapping[str, str]) -> str:
    """What a name stands for; raises SkabelonFejl for anything that is no known name."""
    if isinstance(node, nodes.Name):
        kind = known.get(node.name)
    elif isinstance(node, nodes.Getattr):
        kind = FELTER.get(_kind(node.node, known), {}).get(node.attr)
    else:
        raise SkabelonFejl(_NOT_ALLOWED)
    if kind is None:
        raise SkabelonFejl(f"Pladsen {_words(node)} kendes ikke. Kendte: {', '.join(PLADSER)}.")
    return kind


def _words(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    return f"{_words(node.node)}.{node.attr}" if isinstance(node, nodes.Getattr) else "…"
