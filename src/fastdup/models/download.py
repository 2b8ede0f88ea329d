"""Download a preset's file on the user's request: complete and verified, or not at all."""

import hashlib
import http.client
import json
import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from fastdup.errors import ModelError
from fastdup.models.card_file import read_card
from fastdup.models.presets import PRESETS, Preset
from fastdup.models.session import open_session
from fastdup.models.spec import file_sha256, load_spec
from fastdup.progress import Progress, SilentProgress

TIMEOUT_S = 30.0
CHUNK_BYTES = 2**18
#: A tokenizer's file has a few megabytes.
_MOST_TOKENIZER_BYTES = 2**23
_SILENT = SilentProgress()
LOOPBACK_HOSTS = ("127.0.0.1", "::1", "localhost")


def download_preset(preset: Preset, progress: Progress | None = None) -> str:
    """Download `preset` and its card to the folder of models, and return the file's SHA-256.

    A file that is there already, with the pinned digest and its card, is not downloaded again.
    `progress` counts bytes.

    Raises
    ------
    ModelError
        When the file cannot be downloaded, is not the pinned one, is not a model, or cannot be
        stored. Then nothing of it is kept, and an older file stays.
    """
    if _is_there(preset):
        return str(preset.sha256)
    folder = preset.path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".download-", dir=folder) as temporary:
            path = Path(temporary, preset.path.name)
            sha256 = _fetch(preset, path, progress or SilentProgress())
            _check_digest(preset, sha256)
            _write_card(preset.card(sha256), path.with_suffix(".json"))
            _check_model(preset, path)
            # The card first: after a kill in between, the old file's digest differs from the card.
            for part in (path.with_suffix(".json"), path):
                os.replace(part, folder / part.name)
    except OSError as exc:  # from the disk: network errors are ModelError already
        raise ModelError(f"cannot write to {folder}: {exc.strerror or exc}") from exc
    return sha256


def download_text_half(preset: Preset, progress: Progress | None = None) -> Mapping[str, str]:
    """Download the half of `preset` that reads texts; return the SHA-256 of each file by its name.

    Raises
    ------
    ModelError
        When there is none, or as for `download_preset`.
    """
    half = preset.text
    if half is None:
        able = ", ".join(name for name, other in PRESETS.items() if other.text)
        raise ModelError(f"{preset.name} has no half that reads texts; these have one: {able}")
    sources = {
        preset.text_files["tokenizer"]: (half.tokenizer_url, _MOST_TOKENIZER_BYTES),
        preset.text_files["model"]: (half.url, half.n_bytes),
    }
    folder = preset.text_card.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".download-", dir=folder) as temporary:
            digests = {}
            for path, (url, n_bytes) in sources.items():
                one = replace(preset, name=path.stem, url=url, n_bytes=n_bytes, sha256=None)
                digests[path.name] = _fetch(one, Path(temporary, path.name), progress or _SILENT)
            open_session(str(Path(temporary, preset.text_files["model"].name)))
            _write_card(digests, Path(temporary, preset.text_card.name))
            for path in (preset.text_card, *sources):
                os.replace(Path(temporary, path.name), path)
    except OSError as exc:  # from the disk: network errors are ModelError already
        raise ModelError(f"cannot write to {folder}: {exc.strerror or exc}") from exc
    return digests


def _is_there(preset: Preset) -> bool:
    path = preset.path
    if preset.sha256 is None or not path.is_file() or file_sha256(str(path)) != preset.sha256:
        return False
    try:
        return read_card(str(path)) == preset.card(preset.sha256)
    except ModelError:
        return False


def _check_digest(preset: Preset, sha256: str) -> None:
    if preset.sha256 not in (None, sha256):
        raise ModelError(
            f"{preset.url} is not the file that was expected, and was not kept: "
            f"its sha256 is {sha256}, not {preset.sha256}"
        )


def _check_model(preset: Preset, path: Path) -> None:
    """Refuse what is not a model, such as a login page, before it is installed."""
    try:
        load_spec(str(path))
    except ModelError as exc:
        raise ModelError(f"{preset.url} gave no usable model: {exc}") from exc


def _write_card(card: dict[str, Any], path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        json.dump(card, file, indent=1)
        _flush_to_disk(file)


def _flush_to_disk(file: IO[Any]) -> None:
    file.flush()
    os.fsync(file.fileno())


# --- the network -----------------------------------------------------------------------------


def _fetch(preset: Preset, path: Path, progress: Progress) -> str:
    """Write the file at the preset's URL to `path` and return its SHA-256."""
    digest = hashlib.sha256()
    with _open_url(preset.url) as response, path.open("wb") as file:
        progress.start(f"downloading {preset.name}", response.length)
        try:
            for chunk in _chunks(response, preset):
                file.write(chunk)
                digest.update(chunk)
                progress.advance(len(chunk))
        finally:
            progress.finish()
        _flush_to_disk(file)
    return digest.hexdigest()


def _chunks(response: http.client.HTTPResponse, preset: Preset) -> Iterator[bytes]:
    """Yield the body. Its length is limited, and must be the announced one."""
    announced, n_bytes = response.length, 0
    while chunk := _read(response, preset.url):
        n_bytes += len(chunk)
        if n_bytes > preset.max_bytes:
            raise ModelError(
                f"{preset.url} is larger than the {preset.max_bytes:,} bytes allowed: not kept"
            )
        yield chunk
    if announced not in (None, n_bytes):
        raise ModelError(
            f"{preset.url} broke off after {n_bytes:,} of {announced:,} bytes: try again"
        )


def _read(response: http.client.HTTPResponse, url: str) -> bytes:
    try:
        return response.read(CHUNK_BYTES)
    except (OSError, http.client.HTTPException) as exc:
        raise ModelError(f"{url} broke off: {_one_line(exc)}; try again") from exc


def _open_url(url: str) -> http.client.HTTPResponse:
    if not (_is_https(url) or _is_loopback(url)):
        raise ModelError(f"{url} is not https: refused")
    proxies = [urllib.request.ProxyHandler({})] if _is_loopback(url) else []
    opener = urllib.request.build_opener(_SafeRedirects, *proxies)
    request = urllib.request.Request(url, headers={"User-Agent": "fastdup"})
    try:
        response: http.client.HTTPResponse = opener.open(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as exc:
        exc.close()
        raise ModelError(f"{url} cannot be downloaded: the server answers {exc.code}") from exc
    except (OSError, http.client.HTTPException) as exc:
        reason = _one_line(getattr(exc, "reason", exc))
        raise ModelError(f"cannot reach {urlsplit(url).netloc}: {reason}") from exc
    return response


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to https only; a loopback server may also redirect to loopback."""

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        stays_here = _is_loopback(req.full_url) and _is_loopback(newurl)
        if not (_is_https(newurl) or stays_here):
            fp.close()
            raise ModelError(f"{req.full_url} leads to {newurl}, which is not https: refused")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _is_https(url: str) -> bool:
    return urlsplit(url).scheme == "https"


def _is_loopback(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS


def _one_line(reason: object) -> str:
    text = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return str(text).splitlines()[0]
