"""Photos of the tour: drawn, stamped 演示 and sent like any other, so that a demonstration shows evidence."""

from __future__ import annotations

from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING

from infra.tour.stage import Stage

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

_SIZE = (1280, 960)
_STAMP = 150
_numbers = count(1)
_YAN = (
    ((8, 12), (16, 20)), ((4, 36), (14, 44)), ((4, 90), (18, 60)), ((56, 4), (62, 14)), ((30, 34), (30, 20)),
    ((30, 20), (94, 20), (90, 34)), ((40, 34), (82, 34)), ((38, 46), (38, 74)), ((38, 46), (84, 46), (84, 74)),
    ((38, 60), (84, 60)), ((38, 74), (84, 74)), ((61, 34), (61, 74)), ((50, 78), (34, 94)), ((72, 78), (90, 94)),
)  # fmt: skip
_SHI = (
    ((26, 12), (74, 12)), ((8, 36), (92, 36)), ((50, 36), (50, 92), (40, 84)), ((28, 52), (10, 80)),
    ((72, 52), (92, 80)),
)  # fmt: skip
"""The strokes of 演 and 示 in a square of a hundred: no font with Chinese letters comes with the platform."""


async def photos(stage: Stage, who: str, number: int) -> list[str]:
    """Send so many new photos as somebody; their ids."""
    return [await stage.send_photo(who, _drawn(next(_numbers))) for _ in range(number)]


def _drawn(number: int) -> bytes:
    """A picture that nobody takes for a real one; no two are alike."""
    from PIL import Image, ImageDraw  # only the tour draws

    image = Image.new("RGB", _SIZE, (70 + number * 37 % 120, 90 + number * 53 % 110, 100 + number * 71 % 100))
    pen = ImageDraw.Draw(image)
    for step in range(0, _SIZE[0], 160):
        pen.rectangle((step, 520 - (step * number) % 240, step + 120, 960), fill=(40, 44 + number * 11 % 60, 52))
    for place, strokes in ((420, _YAN), (700, _SHI)):
        _stroke(pen, place, strokes)
    pen.text((420, 250), f"DEMONSTRATION  {number:03d}", fill="white", font_size=36)
    out = BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


def _stroke(pen: ImageDraw, left: int, strokes: tuple[tuple[tuple[int, int], ...], ...]) -> None:
    for stroke in strokes:
        points = [(left + x * _STAMP / 100, 60 + y * _STAMP / 100) for x, y in stroke]
        pen.line(points, fill="white", width=9, joint="curve")
