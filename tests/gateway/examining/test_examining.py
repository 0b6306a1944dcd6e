"""An upload is looked at in a process of its own: made harmless, or refused with a code that says what to do."""

import random
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from PIL import Image

from gateway.examiner import Examined, Examiner
from gateway.examining import child
from gateway.examining.findings import Refused
from gateway.file_kinds import SAID
from gateway.file_refusals import BY_CODE
from libs.common.problems import Problem
from tests.gateway import uploads

Examine = Callable[..., Examined]


@pytest.fixture
def examine(tmp_path: Path) -> Examine:
    """Examines bytes as the process does, in this one: a process for each of them would take a minute."""
    forms = tmp_path / "forms"
    forms.mkdir()

    def run(content: bytes, *, capture: bool = False) -> Examined:
        path = tmp_path / "received"
        path.write_bytes(content)
        return child.examine(path, forms, capture=capture)

    return run


def refusal(examine: Examine, content: bytes) -> str:
    with pytest.raises(Refused) as refused:
        examine(content)
    return refused.value.code


async def examined(tmp_path: Path, content: bytes, declared: str | None) -> Examined:
    """Through the real process."""
    path, forms = tmp_path / "received", tmp_path / "made"
    path.write_bytes(content)
    forms.mkdir()
    return await Examiner().examine(path, forms, declared=declared, capture=False)


def test_nothing_of_place_device_or_owner_is_left_in_a_photo(examine: Examine) -> None:
    sent = uploads.jpeg((2000, 1500))
    assert uploads.SERIAL.encode() in sent
    found = examine(sent)
    assert [one.name for one in found.variants] == ["original", "large", "thumb"]
    for made in found.variants:
        kept = made.path.read_bytes()
        for trace in (uploads.SERIAL, uploads.OWNER, "Shoutu Phones", "2026:10:12", "Exif", "xmpmeta", "ICC"):
            assert trace.encode() not in kept, (made.name, trace)
        with Image.open(made.path) as image:
            assert not image.getexif()
            assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert [max(one.width or 0, one.height or 0) for one in found.variants] == [2000, 1280, 320]
    assert found.capture == {}


@pytest.mark.parametrize(("orientation", "corner"), [(1, (2, 2)), (3, (637, 477)), (6, (477, 2)), (8, (2, 637))])
def test_a_photo_is_turned_upright(examine: Examine, orientation: int, corner: tuple[int, int]) -> None:
    made = examine(uploads.jpeg(orientation=orientation)).variants[0]
    with Image.open(made.path) as image:
        pixel = image.getpixel(corner)
    assert isinstance(pixel, tuple)
    assert sum(pixel) < 100


@pytest.mark.parametrize(
    ("form", "mode"),
    [("PNG", "RGB"), ("WEBP", "RGB"), ("AVIF", "RGB"), ("PNG", "RGBA"), ("PNG", "I;16"), ("PNG", "P"), ("PNG", "1"),
     ("JPEG", "CMYK"), ("JPEG", "L")],
)  # fmt: skip
def test_every_usual_format_becomes_a_plain_photo(examine: Examine, form: str, mode: str) -> None:
    found = examine(uploads.encoded(form, mode=mode))
    assert {one.media_type for one in found.variants} == {"image/jpeg"}
    assert uploads.OWNER.encode() not in found.variants[0].path.read_bytes()


def test_an_officers_photo_keeps_time_and_place_apart_and_never_the_serial_number(examine: Examine) -> None:
    told = examine(uploads.jpeg(), capture=True).capture
    assert told == {"taken_at_camera": "2026:10:12 19:40:00", "offset": "+08:00", "lat": 28.615, "lon": 121.405}


def test_papers_are_kept_byte_for_byte(examine: Examine) -> None:
    parts = ("word/document.xml", "xl/workbook.xml", "ppt/presentation.xml", "OFD.xml")
    for content in (uploads.pdf(), *(uploads.package(part) for part in parts)):
        found = examine(content)
        assert found.kind == "document"
        assert sha256(found.variants[0].path.read_bytes()).digest() == sha256(content).digest()


def test_a_movie_tells_no_more_where_and_with_what_it_was_made(examine: Examine) -> None:
    sent = uploads.movie()
    made = examine(sent).variants[0]
    kept = made.path.read_bytes()
    assert sent.count(uploads.SERIAL.encode()) == 4
    assert uploads.SERIAL.encode() not in kept
    assert b"121.4050" not in kept
    assert len(kept) == len(sent)
    assert b"frames" * 100 in kept
    assert kept.index(b"mdat") == sent.index(b"mdat")


def test_sound_and_quicktime_are_known_by_their_brand(examine: Examine) -> None:
    assert examine(uploads.movie(brand=b"M4A ")).media_type == "audio/mp4"
    assert examine(uploads.movie(brand=b"qt  ")).media_type == "video/quicktime"


_SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
_HTML = b"<!doctype html><html><script>alert(1)</script></html>"


@pytest.mark.parametrize(
    "content",
    [_SVG, _HTML, b"GIF89a/*" + b"x" * 20 + b"*/=1;alert(1)", b"MZ" + bytes(200), b"\x7fELF" + bytes(200),
     b"#!/bin/sh\nrm -rf /\n", b"just words", bytes(1000), uploads.encoded("GIF"), uploads.encoded("TIFF"),
     uploads.encoded("BMP"), b"\x1f\x8b\x08" + bytes(100), uploads.package("anything.txt"), b"\x00"],
    ids=lambda content: content[:8].hex(),
)  # fmt: skip
def test_what_is_not_on_the_list_is_refused(examine: Examine, content: bytes) -> None:
    assert refusal(examine, content) == "file_type_not_taken"


def test_an_iphones_own_format_is_refused_with_words_that_help(examine: Examine) -> None:
    heic = uploads.box(b"ftyp", b"heic" + bytes(4) + b"mif1heic") + uploads.box(b"meta", bytes(20))
    assert refusal(examine, heic) == "photo_is_heic"


@pytest.mark.parametrize(
    "content",
    [
        uploads.jpeg() + uploads.package("OFD.xml"),
        uploads.pdf(after=_HTML),
        uploads.pdf(after=uploads.package()),
        uploads.pdf(inside=_HTML),
        b"PK\x03\x04" + _HTML + uploads.package(),
        uploads.package() + _HTML,
        uploads.package(**{"xl/workbook.xml": b"x"}),
        uploads.movie(more=uploads.package()),
    ],
    ids=["photo+zip", "pdf+html", "pdf+zip", "pdf with html", "html+zip", "zip+html", "two papers", "movie+zip"],
)
def test_what_is_two_things_at_once_is_refused(examine: Examine, content: bytes) -> None:
    assert refusal(examine, content) in {"file_is_two_things", "file_broken"}


@pytest.mark.parametrize(
    "content",
    [
        uploads.pdf(b"<</S /JavaScript /JS (app.alert(1))>>"),
        uploads.pdf(b"<</S /Launch /F (cmd.exe)>>"),
        uploads.pdf(b"<</Type /EmbeddedFile>>"),
        uploads.pdf(b"<</S /J#61vaScript /J#53 (app.alert(1))>>"),
        uploads.pdf(b"<</S /#4caunch /F (cmd.exe)>>"),
        uploads.package(**{"word/vbaProject.bin": b"macro"}),
        uploads.package(**{"word/embeddings/oleObject1.bin": b"ole"}),
    ],
    ids=["script", "launch", "attachment", "script in numbers", "launch in numbers", "macro", "embedded"],
)
def test_what_would_run_on_a_readers_screen_is_refused(examine: Examine, content: bytes) -> None:
    assert refusal(examine, content) == "file_has_active_content"


def test_bombs_are_refused_before_they_unpack(examine: Examine) -> None:
    assert refusal(examine, uploads.package(**{"word/media.bin": bytes(60_000_000)})) == "archive_too_large"
    header = uploads.encoded("PNG", (16, 16))
    huge = header[:16] + (60_000).to_bytes(4, "big") * 2 + header[24:]
    assert refusal(examine, huge) in {"photo_too_large", "file_broken"}
    assert refusal(examine, uploads.encoded("PNG", (7000, 6000), mode="1")) == "photo_too_large"


@pytest.mark.parametrize("kept", [3, 20, 200, 1500])
def test_what_breaks_off_is_refused(examine: Examine, kept: int) -> None:
    assert refusal(examine, uploads.jpeg()[:kept]) in {"file_broken", "file_type_not_taken"}
    assert refusal(examine, uploads.movie()[: kept // 4 + 12]) in {"file_broken", "file_type_not_taken"}


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_what_chance_makes_of_a_file_is_taken_or_refused_and_never_an_error(examine: Examine) -> None:
    chance = random.Random(20261012)
    forms = [uploads.encoded(form, (40, 30)) for form in ("PNG", "WEBP", "AVIF")]
    seeds = [uploads.jpeg((64, 48)), *forms, uploads.pdf(), uploads.package(), uploads.movie()]
    codes = Counter(_outcome(examine, _changed(chance, chance.choice(seeds), seeds)) for _ in range(400))
    assert set(codes) <= {"taken", *BY_CODE}
    assert codes["taken"] > 20
    assert codes["file_broken"] > 20


def _outcome(examine: Examine, content: bytes) -> str:
    try:
        examine(content)
    except Refused as refused:
        return refused.code
    return "taken"


def _changed(chance: random.Random, content: bytes, seeds: list[bytes]) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 2, 5, 20))):
        at = chance.randrange(max(1, len(changed)))
        match chance.randrange(4):
            case 0:
                changed[at : at + 1] = chance.randbytes(1)
            case 1:
                changed[at:at] = chance.randbytes(12)
            case 2:
                del changed[at : at + chance.randrange(30)]
            case _:
                changed += chance.choice(seeds)[:200]
    return bytes(changed)


async def test_a_file_is_examined_in_a_process_of_its_own(tmp_path: Path) -> None:
    found = await examined(tmp_path, uploads.jpeg((900, 600)), "image/jpeg")
    assert (found.kind, found.media_type) == ("photo", "image/jpeg")
    assert all(uploads.SERIAL.encode() not in one.path.read_bytes() for one in found.variants)


async def test_a_type_that_is_declared_has_to_be_true(tmp_path: Path) -> None:
    with pytest.raises(Problem) as refused:
        await examined(tmp_path, uploads.encoded("PNG"), "image/jpeg")
    assert (refused.value.status, refused.value.code) == (422, "file_type_differs")
    assert refused.value.extra == {"declared": "image/jpeg", "found": "image/png"}


async def test_a_refusal_in_the_process_is_one_problem_with_words_in_both_languages(tmp_path: Path) -> None:
    with pytest.raises(Problem) as refused:
        await examined(tmp_path, _SVG, None)
    assert (refused.value.status, refused.value.code) == (415, "file_type_not_taken")
    assert "image/jpeg" in refused.value.extra["accepted"]


async def test_what_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SAID["examination"], "wall_seconds", 0.01)
    with pytest.raises(Problem) as refused:
        await examined(tmp_path, uploads.jpeg(), None)
    assert refused.value.code == "file_too_costly"
