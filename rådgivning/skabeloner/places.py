"""What a DOCX template may say: known places, loops and conditions over them, and nothing else.

A template is written in Jinja and uploaded by an organisation. It is checked before it runs: every expression is a
known name (no call, no filter, no arithmetic, no assignment), and what passes runs in Jinja's sandbox.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

TEKST, JA_NEJ = "tekst", "ja/nej"
DYBDE: Final = 3


class SkabelonFejl(ValueError):
    """The template cannot be used; the message is a Danish sentence."""


@dataclass(frozen=True)
class Pladser:
    """The places of one kind of document: what each holds, the fields of that, and what a loop over it gives.

    `eksempel` is a place that its help shows.
    """

    navne: Mapping[str, str]
    eksempel: str
    felter: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    indhold: Mapping[str, str] = field(default_factory=dict)


class Lukket(SandboxedEnvironment):
    """A Jinja environment that refuses every template with anything in it but the known places."""

    def __init__(self, pladser: Pladser) -> None:
        super().__init__(autoescape=True)
        self._pladser = pladser

    def compile(self, source: Any, *args: Any, **kwargs: Any) -> Any:
        """Check, then compile."""
        try:
            tree = self.parse(source)
        except TemplateSyntaxError:
            raise SkabelonFejl(
                f"En plads i skabelonen er skrevet forkert. Den skal stå som {{{{ {self._pladser.eksempel} }}}}."
            ) from None
        for node in tree.body:
            self._check(node, self._pladser.navne, 0)
        return super().compile(source, *args, **kwargs)

    def _check(self, node: nodes.Node, known: Mapping[str, str], depth: int) -> None:
        match node:
            case nodes.Output():
                for part in node.nodes:
                    if not isinstance(part, nodes.TemplateData) and self._kind(part, known) != TEKST:
                        raise SkabelonFejl(f"Pladsen {_words(part)} kan ikke stå alene i teksten.")
            case nodes.For(test=None, recursive=False) if isinstance(node.target, nodes.Name):
                kind = self._kind(node.iter, known)
                if kind not in self._pladser.indhold or depth >= DYBDE:
                    raise SkabelonFejl(f"Der kan ikke gentages over {_words(node.iter)} her.")
                inner = {**known, node.target.name: self._pladser.indhold[kind], "loop": "løkke"}
                for child in (*node.body, *node.else_):
                    self._check(child, inner, depth + 1)
            case nodes.If():
                self._condition(node.test, known)
                for child in (*node.body, *node.elif_, *node.else_):
                    self._check(child, known, depth)
            case _:
                raise SkabelonFejl(_NOT_ALLOWED)

    def _condition(self, node: nodes.Node, known: Mapping[str, str]) -> None:
        if isinstance(node, nodes.Not):
            self._condition(node.node, known)
        elif isinstance(node, nodes.And | nodes.Or):
            self._condition(node.left, known)
            self._condition(node.right, known)
        else:
            self._kind(node, known)

    def _kind(self, node: nodes.Node, known: Mapping[str, str]) -> str:
        """What a name stands for; raises SkabelonFejl for anything that is no known name."""
        if isinstance(node, nodes.Name):
            kind = known.get(node.name)
        elif isinstance(node, nodes.Getattr):
            kind = self._pladser.felter.get(self._kind(node.node, known), {}).get(node.attr)
        else:
            raise SkabelonFejl(_NOT_ALLOWED)
        if kind is None:
            raise SkabelonFejl(f"Pladsen {_words(node)} kendes ikke. Kendte: {', '.join(self._pladser.navne)}.")
        return kind


_NOT_ALLOWED = "Skabelonen indeholder andet end pladser, gentagelser og betingelser. Brug kun dem, der står på siden."


def _words(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    return f"{_words(node.node)}.{node.attr}" if isinstance(node, nodes.Getattr) else "…"
