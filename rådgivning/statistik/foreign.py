"""A release read from a file, ours or anybody's, in the form of design.md section 6: checked before it is attacked."""

from __future__ import annotations

from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from rådgivning.statistik.knowledge import TIME, UNIT, listed


class UgyldigUdgivelse(ValueError):
    """The file is no release; one Danish sentence says what is wrong and where."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Interval(_Part):
    lo: int = Field(ge=0)
    hi: int | None = Field(ge=0)


class _Cell(_Part):
    key: dict[str, str | list[str]]
    value: int | _Interval | None
    public: bool = False


class _Table(_Part):
    name: str
    cells: list[_Cell]


class _Rule(BaseModel):
    """What is known of the method. `threshold` above the base says that counts below it became 0 or the base."""

    method: str = "exact"
    base: int = Field(default=1, ge=1, le=1000)
    threshold: int | None = Field(default=None, ge=1, le=1000)
    suppressed_min: int | None = Field(default=0, ge=0)
    suppressed_max: int | None = Field(default=None, ge=0)
    max_deviation: int | None = Field(
        default=None, ge=0, le=1000, validation_alias=AliasChoices("max_deviation", "deviation", "max_noise", "D")
    )

    @field_validator("method")
    @classmethod
    def _known(cls, value: str) -> str:
        words = value.lower().replace("_", "-")
        for parts, method in _METHODS:
            if all(part in words for part in parts):
                return method
        raise PydanticCustomError("method", "unknown")

    @model_validator(mode="after")
    def _complete(self) -> _Rule:
        if self.method == "cell-key" and self.max_deviation is None:
            raise PydanticCustomError("deviation", "missing")
        return self


_METHODS = (
    (("exact",), "exact"),
    (("none",), "exact"),
    (("suppress",), "suppression"),
    (("cell-key",), "cell-key"),
    (("controlled", "round"), "controlled-rounding"),
    (("random", "round"), "random-rounding"),
    (("round",), "rounding"),
)
"""Words that name a method, and the method; `rounding` is to the nearest multiple."""


class _Release(BaseModel):
    tables: list[_Table] = Field(min_length=1)
    dims: dict[str, list[str]]
    known_rule: _Rule = _Rule()


def læs_udgivelse(data: bytes) -> dict[str, Any]:
    """The release as the attacker reads it. Raises UgyldigUdgivelse."""
    try:
        release = _Release.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = " → ".join(str(part) for part in first["loc"]) or "filen"
        raise UgyldigUdgivelse(f"{place}: {_SAID.get(first['type'], 'har ikke den form, en udgivelse har')}.") from None
    for table in release.tables:
        for cell in table.cells:
            _check_key(table.name, cell.key, release.dims)
    return release.model_dump()


_SAID = {
    "json_invalid": "er ikke JSON",
    "missing": "mangler",
    "extra_forbidden": "kendes ikke",
    "too_short": "er tom",
    "method": "metoden kendes ikke; brug exact, suppression, rounding, random-rounding, controlled-rounding, cell-key",
    "deviation": "cell-key kræver max_deviation: hvor langt et tal højst er flyttet",
}


def _check_key(table: str, key: dict[str, str | list[str]], dims: dict[str, list[str]]) -> None:
    for name, value in key.items():
        if name not in dims and name != UNIT:
            raise UgyldigUdgivelse(f"{table}: dimensionen {name} står ikke i dims.")
        unknown = [category for category in listed(value) if category not in dims.get(name, ())]
        if unknown and name not in (UNIT, TIME):
            raise UgyldigUdgivelse(f"{table}: {name} har ikke kategorien {unknown[0]}.")
