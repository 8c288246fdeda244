"""A county that is hard to draw: forty townships with names of ten characters, and no place on the map."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sample_data import build
from sample_data.county import Township, townships

_TAILS = ("高新技术产业街道", "经济开发示范区镇", "生态旅游度假区镇")


def difficult_townships() -> list[Township]:
    """Forty townships after the models of the sample's, whose codes the first sixteen keep."""
    models = townships()
    drawn = []
    for number in range(40):
        model = models[number % len(models)]
        code = model.code if number < len(models) else f"3708832{number:02}"
        villages = tuple((f"{code}{place:03}", name) for place, (_, name) in enumerate(model.villages, 1))
        head = model.name[: 10 - len(_TAILS[number // len(models)])]
        drawn.append(
            replace(
                model,
                code=code,
                name=head + _TAILS[number // len(models)],
                alias="",
                villages=villages,
                tile_row=number // 7,
                tile_column=number % 7,
            )
        )
    assert len({place.name for place in drawn}) == len(drawn)
    assert {len(place.name) for place in drawn} == {10}
    return drawn


def build_difficult(url: str) -> None:
    """Fill an empty database with it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "townships", difficult_townships)
        build.build(url, petitions=30_000)
