"""Photos: decoded within bounds, turned upright, and written anew from their pixels and nothing else.

What is beside the pixels goes: EXIF with place, time and serial number, XMP, IPTC, comments, thumbnails, maker notes,
gain maps and whatever follows the end. A colour profile is applied and then left out: it can name a device.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageOps
from PIL.ExifTags import GPS, IFD, Base

from gateway.examining.findings import Made, Refused

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/avif": "AVIF"}
KEPT_AS = "image/jpeg"
_SHRINK_FIRST = frozenset({"L", "RGB", "RGBA", "CMYK"})
"""Modes that can be resampled as they are."""
_BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, ArithmeticError, RuntimeError,
)  # fmt: skip
"""What Pillow's decoders raise on bytes that are no picture."""


def remake(path: Path, into: Path, media_type: str, limits: Mapping[str, Any]) -> tuple[Made, ...]:
    """The photo and its smaller forms as new JPEG files. Raises Refused."""
    if zipfile.is_zipfile(path):
        raise Refused("file_is_two_things")
    try:
        upright = _upright(path, FORMATS[media_type], limits)
        return tuple(_write(upright, into, limits))
    except Image.DecompressionBombError:
        raise Refused("photo_too_large", most_pixels=limits["most_pixels"]) from None
    except _BROKEN:
        raise Refused("file_broken") from None


def capture_of(path: Path, media_type: str) -> dict[str, Any]:
    """Time and place as the camera wrote them: evidence where an officer's photo keeps it. No device, no serial."""
    try:
        with Image.open(path, formats=[FORMATS[media_type]]) as image:
            exif = image.getexif()
        taken, gps = exif.get_ifd(IFD.Exif), exif.get_ifd(IFD.GPSInfo)
        found: dict[str, Any] = {
            "taken_at_camera": _text(taken.get(Base.DateTimeOriginal)),
            "offset": _text(taken.get(Base.OffsetTime)),
        }
        found["lat"] = _degrees(gps, GPS.GPSLatitude, GPS.GPSLatitudeRef, "S")
        found["lon"] = _degrees(gps, GPS.GPSLongitude, GPS.GPSLongitudeRef, "W")
    except _BROKEN:
        return {}
    return {name: value for name, value in found.items() if value is not None}


def _upright(path: Path, form: str, limits: Mapping[str, Any]) -> Image.Image:
    side = limits["longest_side"]
    # Pillow itself refuses beyond twice its figure, and warns before: here the bound is asked of the header.
    Image.MAX_IMAGE_PIXELS = limits["most_pixels"]
    with Image.open(path, formats=[form]) as image:
        if image.width * image.height > limits["most_pixels"]:
            raise Refused("photo_too_large", most_pixels=limits["most_pixels"])
        # A large JPEG is decoded at a half or a quarter: no more memory than for a phone's usual photo.
        image.draft("RGB", (side, side))
        if image.width * image.height > limits["most_decoded_pixels"]:
            raise Refused("photo_too_large", most_pixels=limits["most_decoded_pixels"])
        profile = image.info.get("icc_profile")
        if image.mode in _SHRINK_FIRST:
            _within(image, side)  # before anything is copied: the whole photo stands in memory once
        ImageOps.exif_transpose(image, in_place=True)
        return _within(_plain_colours(image, profile), side)


def _plain_colours(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The same picture in sRGB on white, without transparency."""
    if image.mode.startswith("I") or image.mode == "F":
        image = image.point(lambda value: value / 256).convert("L")
    if image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGBA", image.size, "white")
        ground.alpha_composite(image)
        image = ground.convert("RGB")
    if profile and image.mode in ("RGB", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            turned = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            image = turned or image
        except (ImageCms.PyCMSError, OSError):
            pass  # A profile that cannot be read says nothing about the colours.
    return image.convert("RGB")


def _write(image: Image.Image, into: Path, limits: Mapping[str, Any]) -> Iterator[Made]:
    """The largest first, each smaller one from the one before: that costs a fraction of beginning anew."""
    sides = {"original": max(image.size), **limits["variants"]}
    for name, side in sides.items():
        image = _within(image, side)
        # Whatever Pillow would write beside the pixels (EXIF, XMP, comment, profile) it finds here.
        image.info.clear()
        path = into / f"{name}.jpg"
        image.save(path, "JPEG", quality=limits["quality"])
        yield Made(name=name, path=path, media_type=KEPT_AS, width=image.width, height=image.height)


def _within(image: Image.Image, side: int) -> Image.Image:
    """The picture with no side longer than this; the gap lets it be halved coarsely before it is resampled."""
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return image


def _text(value: object) -> str | None:
    text = str(value).strip("\0 ")[:40] if value is not None else ""
    return text or None


def _degrees(gps: Mapping[int, Any], name: int, reference: int, negative: str) -> float | None:
    if name not in gps:
        return None
    degrees, minutes, seconds = (float(part) for part in gps[name])
    found = degrees + minutes / 60 + seconds / 3600
    return round(-found if gps.get(reference) == negative else found, 7)
