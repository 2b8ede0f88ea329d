"""A finished run to explore, and what asks its explorer as a browser does."""

import http.client
import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import numpy as np
from PIL import Image, ImageOps

import fastdup
from pictures import jpeg, scene

#: Of the scenes of a finished run, no two of which the model finds alike.
SEEDS = (0, 3, 6, 7, 14, 16, 18, 22)
HOSTILE = '"><img src=x onerror=alert(1)>.jpg'


def finished_run(folder: Path) -> Path:
    """Return the work folder of a run over pictures made in `folder`.

    Eight scenes; of the first a smaller, a mirrored and a hostile-named copy, of the second one of
    the same bytes; noise that is like nothing else; a file cut short and one that is no image.
    """
    photos = folder / "photos"
    (photos / "copies").mkdir(parents=True)
    for number, seed in enumerate(SEEDS):
        (photos / f"{number:02}.jpg").write_bytes(jpeg(scene(seed)))
    first = scene(SEEDS[0])
    (photos / "copies" / "00-small.jpg").write_bytes(jpeg(first.resize((120, 90))))
    (photos / "copies" / "00-mirrored.jpg").write_bytes(jpeg(ImageOps.mirror(first), quality=80))
    (photos / "copies" / HOSTILE).write_bytes(jpeg(first, quality=70))
    shutil.copy(photos / "01.jpg", photos / "copies" / "01-same.jpg")
    noise = np.random.default_rng(0).integers(0, 256, (80, 100, 3), dtype=np.uint8)
    Image.fromarray(noise).save(photos / "noise.png")
    (photos / "cut-short.jpg").write_bytes(jpeg(scene(9))[:1500])
    (photos / "text.jpg").write_text("not a picture")
    work = folder / "out"
    assert fastdup.run(str(photos), str(work), threshold=0.75, nearest_neighbors_k=5) == 0
    return work


class Answer(NamedTuple):
    """What a server answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Asker:
    """Asks an explorer; brings its token in a cookie by default."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host = parts.netloc
        self.token = parts.query.removeprefix("token=")
        self.cookie = f"fastdup-{parts.port}={self.token}"

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """Return the answer to a request with just these headers, `sec_fetch_site` and so on."""
        connection = http.client.HTTPConnection(self.host, timeout=60)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        sent = {"host": self.host} | {name.replace("_", "-"): v for name, v in headers.items()}
        if body is not None:
            sent.setdefault("content-length", str(len(body)))
        for name, value in sent.items():
            connection.putheader(name, value)
        connection.endheaders()
        if body:
            connection.send(body)
        answer = connection.getresponse()
        found = Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        connection.close()
        return found

    def get(self, path: str, **params: object) -> Answer:
        query = f"?{urlencode(params)}" if params else ""
        return self.ask("GET", path + query, cookie=self.cookie)

    def call(self, name: str, **params: object) -> Any:
        """Return the JSON of a call that must succeed."""
        answer = self.get(f"/api/{name}", **params)
        assert answer.status == 200, answer.body
        return answer.json

    def post(self, name: str, value: object) -> Answer:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        origin = f"http://{self.host}"
        return self.ask("POST", f"/api/{name}", body, cookie=self.cookie, origin=origin)
