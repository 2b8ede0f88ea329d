"""Where S3 is and who asks: by the environment, then by AWS's profile files."""

import configparser
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from fastdup.errors import SourceError

_ENDPOINT = re.compile(r"https?://[^\s/@?#]+(/[^\s?#]*)?")
_TRUE = ("1", "true", "yes", "on")
#: What a profile says whose keys have to be asked for somewhere.
_NEEDS_BOTO3 = (
    "credential_process", "credential_source", "login_session", "role_arn", "sso_session",
    "sso_start_url", "web_identity_token_file",
)  # fmt: skip
#: Variables from which the client finds the keys without help.
_OTHER_SOURCES = (
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)
NO_CREDENTIALS = (
    "no AWS credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a "
    "profile in AWS_PROFILE, or set AWS_SKIP_SIGNATURE=true for a public bucket"
)


class S3Access(NamedTuple):
    """How to reach S3.

    Attributes
    ----------
    config : mapping
        Options of ``obstore.store.S3Store``.
    credentials : callable or None
        Gives the keys; None: the client finds them by itself.
    """

    config: Mapping[str, Any]
    credentials: Callable[[], Any] | None = None


def static_keys(key: str, secret: str, token: str | None = None) -> Callable[[], Any]:
    """Return what gives the client these keys, whatever the environment says."""
    return lambda: {
        "access_key_id": key,
        "secret_access_key": secret,
        "token": token,
        "expires_at": None,
    }


def s3_access(environment: Mapping[str, str] = os.environ) -> S3Access:
    """Return region, endpoint and keys as AWS's own tools would find them.

    Raises
    ------
    SourceError
        When the profile that is asked for does not exist, or there are no keys.
    """
    profile = _profile(environment)
    config = {
        "region": _first(environment, "AWS_REGION", "AWS_DEFAULT_REGION") or profile.get("region"),
        "endpoint": _first(environment, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
        or profile.get("endpoint_url"),
    }
    config = {name: value for name, value in config.items() if value}
    check_endpoint(config.get("endpoint"), "AWS_ENDPOINT_URL")
    if _is_true(environment, "AWS_SKIP_SIGNATURE"):
        return S3Access({**config, "skip_signature": True})
    return S3Access(config, _credentials(environment, profile))


def check_endpoint(endpoint: str | None, named_by: str) -> None:
    """Raise a `SourceError` when an endpoint is not an address of a server."""
    if endpoint and not _ENDPOINT.fullmatch(endpoint):
        raise SourceError(f"{named_by}={endpoint!r} is not an address: write https://HOST:PORT")


def _credentials(
    environment: Mapping[str, str], profile: Mapping[str, str]
) -> Callable[[], Any] | None:
    if environment.get("AWS_ACCESS_KEY_ID") or _first(environment, *_OTHER_SOURCES):
        return None
    key, secret = profile.get("aws_access_key_id"), profile.get("aws_secret_access_key")
    if key and secret:
        return static_keys(key, secret, profile.get("aws_session_token"))
    needed_for = next((name for name in _NEEDS_BOTO3 if name in profile), None)
    if needed_for:
        return _boto3_credentials(environment, needed_for)
    if _is_true(environment, "AWS_EC2_METADATA_DISABLED"):
        raise SourceError(NO_CREDENTIALS)
    return None  # the machine itself may have a role


def _boto3_credentials(environment: Mapping[str, str], needed_for: str) -> Callable[[], Any]:
    try:
        from obstore.auth.boto3 import Boto3CredentialProvider
    except ImportError as exc:
        name = _profile_name(environment)
        raise SourceError(
            f"the AWS profile {name!r} gets its keys by {needed_for}, which needs boto3: "
            "pip install boto3"
        ) from exc
    try:
        return Boto3CredentialProvider()
    except Exception as exc:  # botocore raises dozens of kinds, each with a clear line
        raise SourceError(f"the AWS profile gives no keys: {exc}") from exc


def _profile(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the entries of the profile in use; those of the credentials file come first."""
    name = _profile_name(environment)
    config = _read(environment.get("AWS_CONFIG_FILE") or "~/.aws/config")
    keys = _read(environment.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials")
    sections = [(config, f"profile {name}"), (config, name), (keys, name)]
    found = [dict(file[section]) for file, section in sections if file.has_section(section)]
    if not found and _first(environment, "AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        known = sorted({s.removeprefix("profile ") for f in (config, keys) for s in f.sections()})
        raise SourceError(
            f"AWS_PROFILE={name!r} is not in ~/.aws: the profiles there are "
            f"{', '.join(known) or 'none'}"
        )
    profile = {entry: value for section in found for entry, value in section.items()}
    services = f"services {profile.get('services', '')}"
    if config.has_section(services):
        profile |= _nested(config[services].get("s3", ""))
    return profile


def _nested(text: str) -> dict[str, str]:
    """Return the indented ``name = value`` lines of one service."""
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, value in pairs}


def _profile_name(environment: Mapping[str, str]) -> str:
    return _first(environment, "AWS_PROFILE", "AWS_DEFAULT_PROFILE") or "default"


def _read(path: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False, default_section="\0")
    try:
        parser.read(Path(path).expanduser(), encoding="utf-8")
    except (configparser.Error, UnicodeDecodeError) as exc:
        raise SourceError(f"cannot read {path}: {str(exc).splitlines()[0]}") from exc
    return parser


def _first(environment: Mapping[str, str], *names: str) -> str | None:
    return next((environment[name] for name in names if environment.get(name)), None)


def _is_true(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(name, "").lower() in _TRUE
