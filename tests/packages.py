"""Packages as pip leaves them, as far as entry points are read from them."""

from pathlib import Path


def install(
    folder: Path, package: str, *entry_points: str, group: str = "fastdup.providers"
) -> None:
    """Declare a package with entry points in a folder, which belongs on ``sys.path``."""
    info = folder / f"{package.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("\n".join([f"[{group}]", *entry_points, ""]))
