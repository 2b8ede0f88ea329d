"""Collects the licences of the parts that the Debian package redistributes.

usage: licences.py FROZEN DOC < parts.json

FROZEN is the folder that PyInstaller made, DOC the package's documentation folder, and parts.json
the output of pip-licenses for the bundled Python packages. Writes DOC/copyright (DEP-5), and the
texts below DOC/licences. Run it with the interpreter of the environment that was frozen.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path, PurePath

HEADER = """\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: fastdup
Comment: The program is bundled with an interpreter and the libraries it needs, each under its
 own licence. The full texts are below {texts}.

Files: *
Copyright: the fastdup authors
License: Apache-2.0

License: Apache-2.0
 On Debian systems the full text is in /usr/share/common-licenses/Apache-2.0.
"""
LICENCE_NAME = re.compile(r"(licen[cs]e|copying|notice|thirdparty|authors)", re.IGNORECASE)
COPYRIGHT_LINE = re.compile(r"^\W*(copyright\s+(?:\(c\)|©|\d{4}).*)$", re.IGNORECASE | re.MULTILINE)
MOST_HOLDERS = 3
#: Packages that freeze the program; of them only the boot loader is redistributed.
FREEZER = "pyinstaller"


def main() -> None:
    """Write the texts and the copyright file."""
    frozen, doc = Path(sys.argv[1]), Path(sys.argv[2])
    texts = doc / "licences"
    stanzas = [HEADER.format(texts=f"/{texts.relative_to(doc.parents[3])}")]
    for part in json.load(sys.stdin):
        stanzas.append(_python_part(part["Name"], part["License"], frozen, texts))
    stanzas.append(_python_part(FREEZER, "GPL-2+ with Bootloader-exception", frozen, texts))
    stanzas += _debian_parts(frozen, texts)
    (doc / "copyright").write_text("\n".join(stanzas), encoding="utf-8")


def _python_part(name: str, licence: str, frozen: Path, texts: Path) -> str:
    distribution = metadata.distribution(name)
    folder = texts / f"{distribution.name}-{distribution.version}".lower()
    folder.mkdir(parents=True)
    for file in distribution.files or ():
        if _is_licence(file):
            name_there = re.sub(r"^.*?\.dist-info/(licenses/)?", "", str(file)).replace("/", "_")
            shutil.copyfile(str(file.locate()), folder / name_there)
    if not any(folder.iterdir()):
        (folder / "METADATA").write_text(str(distribution.read_text("METADATA")))
    places = sorted(set(_places(distribution, frozen))) or ["opt/fastdup/fastdup"]
    return _stanza(places, _holders(folder, distribution), licence, folder.name)


def _is_licence(file: PurePath) -> bool:
    if file.suffix in (".py", ".pyc"):
        return False
    return ".dist-info/licenses/" in str(file) or bool(LICENCE_NAME.search(file.stem))


def _places(distribution: metadata.Distribution, frozen: Path) -> Iterator[str]:
    """Yield the top of each of its files that was frozen; its pure modules are in the archive."""
    for file in distribution.files or ():
        top = file.parts[0]
        if top != ".." and (frozen / "_internal" / top).is_dir():
            yield f"opt/fastdup/_internal/{top}/*"


def _debian_parts(frozen: Path, texts: Path) -> Iterator[str]:
    """Yield a stanza for each Debian package that a shared library was taken from."""
    taken: dict[str, list[str]] = {}
    for path in sorted((frozen / "_internal").glob("*.so*")):
        if path.is_file() and not path.is_symlink() and (package := _owner(path.name)):
            taken.setdefault(package, []).append(f"opt/fastdup/_internal/{path.name}")
    for package, files in taken.items():
        folder = texts / f"debian-{package}"
        folder.mkdir()
        shutil.copyfile(f"/usr/share/doc/{package}/copyright", folder / "copyright")
        yield _stanza(files, "see the file named below", "various", folder.name)


def _owner(library: str) -> str | None:
    """Return the Debian package that has the library; None: it came out of a wheel."""
    folders = ("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu")
    found = next((p for f in folders if (p := Path(f, library)).exists()), None)
    if found is None:
        return None
    for name in (found, found.resolve(), str(found.resolve()).removeprefix("/usr")):
        done = subprocess.run(["dpkg", "-S", str(name)], capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.partition(":")[0]
    return None


def _holders(folder: Path, distribution: metadata.Distribution) -> str:
    text = "\n".join(p.read_text(errors="replace") for p in sorted(folder.iterdir()))
    lines = dict.fromkeys(" ".join(line.split()) for line in COPYRIGHT_LINE.findall(text))
    found = list(lines)[:MOST_HOLDERS]
    return "\n ".join(found) or f"the authors of {distribution.name}"


def _stanza(files: list[str], holders: str, licence: str, folder: str) -> str:
    name = f"{folder}-licence"
    places = "\n ".join(files)
    return (
        f"Files: {places}\nCopyright: {holders}\nLicense: {name}\n\n"
        f"License: {name}\n {licence}. Full text: /usr/share/doc/fastdup/licences/{folder}/\n"
    )


if __name__ == "__main__":
    main()
