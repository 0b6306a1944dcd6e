"""Files as people and attackers send them: photos with traces, papers, movies, and things in disguise."""

import struct
import zipfile
from io import BytesIO

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

SERIAL = "SN-7781-SECRET-4410"
OWNER = "Zhang-San-Owner"
PLACE = (28.0, 36.0, 54.0)


def jpeg(size: tuple[int, int] = (640, 480), *, colour: str = "orange", orientation: int = 1) -> bytes:
    """A phone's photo: place, time, serial number and owner in its EXIF, a comment, XMP, and bytes after its end."""
    exif = Image.Exif()
    exif[Base.Make] = "Shoutu Phones"
    exif[Base.Orientation] = orientation
    exif[Base.Artist] = OWNER
    camera = exif.get_ifd(IFD.Exif)
    camera[Base.BodySerialNumber] = SERIAL
    camera[Base.DateTimeOriginal] = "2026:10:12 19:40:00"
    camera[Base.OffsetTime] = "+08:00"
    camera[Base.MakerNote] = SERIAL.encode() * 4
    gps = exif.get_ifd(IFD.GPSInfo)
    gps[GPS.GPSLatitudeRef], gps[GPS.GPSLatitude] = "N", PLACE
    gps[GPS.GPSLongitudeRef], gps[GPS.GPSLongitude] = "E", (121.0, 24.0, 18.0)
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><serial>{SERIAL}</serial></x:xmpmeta>'.encode()
    out = BytesIO()
    picture(size, colour).save(out, "JPEG", exif=exif, comment=SERIAL.encode(), xmp=xmp)
    return out.getvalue() + SERIAL.encode()


def picture(size: tuple[int, int], colour: str = "orange") -> Image.Image:
    """A picture whose upper left corner is black, so that turning it can be seen."""
    image = Image.new("RGB", size, colour)
    image.paste("black", (0, 0, size[0] // 4, size[1] // 4))
    return image


def encoded(form: str, size: tuple[int, int] = (320, 200), mode: str = "RGB") -> bytes:
    """The same in another format, with what it can hold beside the pixels."""
    out = BytesIO()
    exif = Image.Exif()
    exif[Base.Artist] = OWNER
    image = picture(size) if mode == "RGB" else Image.new(mode, size)
    image.save(out, form, **({} if form in ("GIF", "TIFF", "BMP") else {"exif": exif}))
    return out.getvalue()


def pdf(inside: bytes = b"", after: bytes = b"") -> bytes:
    """A small paper."""
    return b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\n" + inside + b"\ntrailer <</Root 1 0 R>>\n%%EOF\n" + after


def package(part: str = "word/document.xml", **more: bytes) -> bytes:
    """An office file."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(part, "<document/>" * 20)
        for name, content in more.items():
            archive.writestr(name, content)
    return out.getvalue()


def box(kind: bytes, body: bytes = b"") -> bytes:
    """One box of an ISO media file."""
    return struct.pack(">I", 8 + len(body)) + kind + body


def movie(*, brand: bytes = b"isom", more: bytes = b"") -> bytes:
    """A movie that tells where and with what it was made, in three places."""
    told = box(b"udta", box(b"\xa9xyz", b"+28.6150+121.4050/" + SERIAL.encode()))
    track = box(b"trak", box(b"tkhd", bytes(84)) + box(b"meta", SERIAL.encode()))
    moov = box(b"moov", box(b"mvhd", bytes(100)) + track + told)
    head = box(b"ftyp", brand + bytes(4) + b"isommp42")
    return head + moov + box(b"mdat", b"frames" * 100) + box(b"uuid", SERIAL.encode() * 2) + more
