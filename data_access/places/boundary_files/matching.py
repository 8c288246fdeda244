"""Whose each feature is: by codes and by names, as rows of other files are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from data_access.importing.places import Places
from data_access.places.boundaries import Level
from data_access.places.boundary_files.layers import Feature, Layer

# A township's code as that of a place in it (370883001 as 370883001000)
_TOWNSHIP_CODE, _NO_VILLAGE = 9, "000"

Meaning = Callable[[Feature], str | None]


@dataclass(frozen=True)
class Matched:
    """The features (by their positions in the layer) of each place, by its code.

    ``strangers``: what features are called that are no place's; ``disputed``: of which code and name are two places'.
    """

    level: Level
    places: Mapping[str, tuple[int, ...]]
    strangers: tuple[str, ...]
    disputed: tuple[str, ...]


def matched(layer: Layer, places: Places, level: Level | None = None) -> Matched:
    """Whose the features are; without a level, of that with more places in the layer."""
    if level is not None:
        return _matched(layer, places, level)
    found = [_matched(layer, places, one) for one in ("township", "village")]
    return max(found, key=lambda one: len(one.places))


def _matched(layer: Layer, places: Places, level: Level) -> Matched:
    columns = list(dict.fromkeys(name for feature in layer.features for name in feature.attributes))
    if level == "township":
        by_code = _best(layer.features, [_of_text(name, lambda text: _township_code(text, places)) for name in columns])
        by_name = _best(layer.features, [_of_text(name, lambda text: _township(text, places)) for name in columns])
    else:
        by_code = _best(
            layer.features,
            [_of_text(name, lambda text: text if text in places.village_townships else None) for name in columns],
        )
        by_name = _best(layer.features, _villages(layer.features, columns, places))
    found: dict[str, list[int]] = {}
    strangers: list[str] = []
    disputed: list[str] = []
    for place, feature in enumerate(layer.features):
        codes = {code for code in (by_code(feature), by_name(feature)) if code}
        if len(codes) == 1:
            found.setdefault(codes.pop(), []).append(place)
        else:
            (disputed if codes else strangers).append(feature.called)
    return Matched(level, {code: tuple(own) for code, own in found.items()}, tuple(strangers), tuple(disputed))


def _of_text(column: str, meaning: Callable[[str], str | None]) -> Meaning:
    return lambda feature: meaning(feature.attributes.get(column, ""))


def _best(features: Sequence[Feature], meanings: Sequence[Meaning]) -> Meaning:
    """The column that tells most places apart."""
    return max(
        meanings, key=lambda meaning: len({meaning(feature) for feature in features} - {None}), default=lambda _: None
    )


def _township_code(text: str, places: Places) -> str | None:
    if len(text) == _TOWNSHIP_CODE + len(_NO_VILLAGE) and text.endswith(_NO_VILLAGE):
        text = text.removesuffix(_NO_VILLAGE)
    return text if text in places.names else None


def _township(text: str, places: Places) -> str | None:
    # Codes are looked for apart.
    code = places.townships.get(text) or places.short_townships.get(text)
    return None if text in places.names else code


def _villages(features: Sequence[Feature], columns: Sequence[str], places: Places) -> list[Meaning]:
    """By the name of a village in the township that the feature names or has the code of; else if one township alone has it."""
    owner = _best(features, [_of_text(name, lambda text: _owner(text, places)) for name in columns])
    owners: dict[str, set[str]] = {}
    for names in (places.short_villages, places.villages):
        for (_, name), code in names.items():
            owners.setdefault(name, set()).add(code)

    def of(column: str) -> Meaning:
        def meaning(feature: Feature) -> str | None:
            name, township_code = feature.attributes.get(column, ""), owner(feature)
            if name in places.village_townships:
                return None
            if township_code is None:
                codes = owners.get(name, set())
                return next(iter(codes)) if len(codes) == 1 else None
            return places.villages.get((township_code, name)) or places.short_villages.get((township_code, name))

        return meaning

    return [of(name) for name in columns]


def _owner(text: str, places: Places) -> str | None:
    """The township that a text names, or that the code of a village begins with."""
    if text.isdecimal() and len(text) > _TOWNSHIP_CODE:
        text = text[:_TOWNSHIP_CODE]
    return places.townships.get(text) or places.short_townships.get(text)
