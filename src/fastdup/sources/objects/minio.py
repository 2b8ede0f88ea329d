"""The aliases of ``mc``, the MinIO client: by the environment, then by its own config file."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastdup.errors import SourceError
from fastdup.sources.objects.aws import S3Access, check_endpoint, static_keys

#: As mc reads it: ``https://KEY:SECRET[:TOKEN]@host``; nothing is quoted.
_HOST = re.compile(r"(https?://)(?:([^:@/]*):([^@/]*?)(?::([^:@]*))?@)?([^@/]+)/?")


def alias_access(alias: str, environment: Mapping[str, str] = os.environ) -> S3Access:
    """Return endpoint and keys of one of mc's aliases.

    Raises
    ------
    SourceError
        When there is no such alias, or its entry makes no sense.
    """
    host = environment.get(f"MC_HOST_{alias}")
    if host:
        return _of_host(alias, host)
    path = Path(environment.get("MC_CONFIG_DIR") or "~/.mc").expanduser() / "config.json"
    aliases = _aliases(path)
    if alias not in aliases:
        raise SourceError(
            f"minio://{alias}: there is no such alias in {path} ({', '.join(sorted(aliases))}); "
            f"make it by: mc alias set {alias} https://HOST KEY SECRET, or set MC_HOST_{alias}"
        )
    entry = aliases[alias]
    try:
        access = _access(entry["url"], entry["accessKey"], entry["secretKey"])
    except (AttributeError, KeyError, TypeError) as exc:
        raise SourceError(f"{path}: the alias {alias!r} has no url, accessKey, secretKey") from exc
    check_endpoint(access.config["endpoint"], f"the alias {alias}")
    return access


def _of_host(alias: str, host: str) -> S3Access:
    found = _HOST.fullmatch(host)
    if not found:
        raise SourceError(
            f"MC_HOST_{alias} is not as mc wants it: write https://KEY:SECRET@HOST:PORT"
        )
    scheme, key, secret, token, place = found.groups()
    return _access(scheme + place, key or "", secret or "", token)


def _access(url: str, key: str, secret: str, token: str | None = None) -> S3Access:
    # Each option is set, so that what the environment says of AWS is not mixed in.
    place = url.rstrip("/")
    config = {"endpoint": place, "aws_endpoint_url_s3": place, "region": "us-east-1"}
    if not key:
        return S3Access({**config, "skip_signature": True})
    return S3Access({**config, "skip_signature": False}, static_keys(key, secret, token))


def _aliases(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as exc:
        raise SourceError(f"cannot read mc's aliases in {path}: {exc}") from exc
    # Before version 10, the file called them hosts.
    aliases = content.get("aliases") or content.get("hosts") if isinstance(content, dict) else None
    return aliases if isinstance(aliases, dict) else {}
