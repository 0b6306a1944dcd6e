"""A photo from a phone to those who decide: through the front door, harmless, and for nobody else."""

import json
import random
from hashlib import sha256
from io import BytesIO
from uuid import uuid4

from PIL import Image

from tests.cluster import eventually
from tests.gateway.uploads import SERIAL, jpeg
from tests.journeys.running import RunningCity
from tests.journeys.small_city import OTHER_COUNTY
from tests.journeys.stories import Posts


def large_photo() -> bytes:
    """A photo of several megabytes: far more than the front door holds of any other body."""
    noise = Image.frombytes("RGB", (1500, 1200), random.Random(7).randbytes(1500 * 1200 * 3))
    out = BytesIO()
    noise.save(out, "JPEG", quality=95)
    return out.getvalue()


async def test_a_citizens_photo_reaches_the_call_taker_and_no_other_county(city: RunningCity) -> None:
    posts, words = await Posts.of(city), f"有照片 {uuid4()}"
    sent = large_photo()
    assert len(sent) > 2 << 20
    headers = {
        "Authorization": f"Bearer {posts.citizens.token}", "Content-Type": "image/jpeg",
        "X-Request-Id": f"photo-{uuid4()}", "User-Agent": "a-very-special-phone",
    }  # fmt: skip
    answer = await city.http.post("/v1/files", content=sent, headers=headers)
    assert answer.status_code == 201, answer.text
    file = answer.json()
    assert file["received_sha256"] == sha256(sent).hexdigest()

    await posts.tell(words=words, photos=[file["id"]])
    report = await posts.newest_report(words)
    path = f"/v1/files/{file['id']}"
    seen = await posts.call_taker.until(path, state="linked")
    assert seen["referred_by"] == [f"/v1/reports/{report['id']}"]
    link = await posts.call_taker.get(f"{path}/link", variant="thumb")
    thumb = await city.nobody().ask("GET", link["url"])
    assert (thumb.status_code, thumb.headers["content-type"]) == (200, "image/jpeg")
    assert sha256(thumb.content).hexdigest() == link["sha256"]
    assert "content-encoding" not in thumb.headers
    part = await city.nobody().ask("GET", link["url"], headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.content) == (206, thumb.content[:10])

    stranger = await city.let_in(
        "other-county", None, {"role": "call_taker", "area_from": OTHER_COUNTY, "area_to": "331003999999"}
    )
    for asked in (path, f"{path}/link"):
        assert (await stranger.ask("GET", asked)).status_code == 404
    await _nothing_of_the_phone_is_logged(city, headers["X-Request-Id"])


async def _nothing_of_the_phone_is_logged(city: RunningCity, request_id: str) -> None:
    logs = city.platform.settings.home / "logs"

    def is_logged() -> bool:
        return request_id in (logs / "envoy.log").read_text()

    await eventually(is_logged, seconds=15, what="Envoy's own line")
    lines = [
        json.loads(line) for log in logs.glob("*.log") for line in log.read_text().splitlines() if request_id in line
    ]
    assert lines
    for secret in ("127.0.0.1", "a-very-special-phone", "citizens-app"):
        assert all(secret not in json.dumps(line, ensure_ascii=False) for line in lines), secret


async def test_a_phone_that_was_offline_refers_to_its_photo_before_it_sends_it(city: RunningCity) -> None:
    posts, words, wanted = await Posts.of(city), f"离线草稿 {uuid4()}", str(uuid4())
    await posts.tell(words=words, photos=[wanted])
    awaited = await posts.call_taker.until(f"/v1/files/{wanted}", state="awaited")
    assert awaited["actions"] == []
    headers = {"Authorization": f"Bearer {posts.citizens.token}", "Content-Type": "image/jpeg"}
    sent = await city.http.post(f"/v1/files?id={wanted}", content=jpeg(), headers=headers)
    assert sent.status_code == 201, sent.text
    await posts.call_taker.until(f"/v1/files/{wanted}", state="linked")
    stored = (city.platform.settings.home / "files").rglob("*")
    assert all(SERIAL.encode() not in one.read_bytes() for one in stored if one.is_file())
