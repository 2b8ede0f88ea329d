"""Images, tables and a reader of pages for the tests of galleries."""

import csv
import json
import os
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

VOID_ELEMENTS = {"meta", "link", "img", "br", "hr", "input"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""
    inside: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """All elements of a page, each with the text inside it; complains of bad nesting."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html = html
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        assert not self._open, "elements left open"

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs), f"an attribute twice in <{tag}>"
        inside = [element.tag for element in self._open]
        element = Element(tag, {name: value or "" for name, value in attrs}, inside=inside)
        self.elements.append(element)
        if tag not in VOID_ELEMENTS:
            self._open.append(element)

    def handle_endtag(self, tag):
        assert self._open.pop().tag == tag

    def handle_data(self, data):
        for element in self._open[-1:]:
            element.text += data
        for element in self._open[:-1]:
            if self._open[-1].tag not in ("script", "style"):
                element.text += data

    def all(self, tag: str, class_: str = "") -> list[Element]:
        return [
            element
            for element in self.elements
            if element.tag == tag
            and (not class_ or class_ in element.attributes.get("class", "").split())
        ]

    @property
    def data(self) -> dict:
        """Images and cards, as the page's script gets them."""
        [element] = [e for e in self.all("script") if e.attributes.get("id") == "data"]
        return json.loads(element.text)

    @property
    def cards(self) -> list[dict]:
        """The cards, each image's facts beside what the card says of it."""
        data = self.data
        return [
            {**card, "m": [{**image(data, m["i"]), **m} for m in card["m"]]}
            for card in data["cards"]
        ]

    def names(self) -> list[list[str]]:
        """The names on each card, as shown."""
        return [[shown(member["name"]) for member in card["m"]] for card in self.cards]

    def texts(self, tag: str, class_: str = "") -> list[str]:
        return [" ".join(element.text.split()) for element in self.all(tag, class_)]


def image(data: dict, number: int) -> dict:
    """Return the facts of one image, with its folder's name and its whole address."""
    facts = data["images"][number]
    folder = data["folders"][facts["dir"]]
    uri = folder["uri"] + facts.get("uri", "")
    return {**facts, "dir": folder["name"], "uri": uri}


def shown(text: str | list) -> str:
    """Return a text that may be in pieces."""
    return text if isinstance(text, str) else "".join(piece for piece, _ in text)


@pytest.fixture
def load_page():
    """Reads the page at a path."""
    return lambda path: Page(Path(path).read_text(encoding="utf-8"))


@pytest.fixture
def make_image(tmp_path):
    """Writes a small image of its own colours and returns its path."""

    def make(name: str | bytes, *, width=24, height=16, seed=0, **options) -> str:
        path = os.fsdecode(os.fsencode(tmp_path / "images") + b"/" + os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
        with open(path, "wb") as file:
            Image.fromarray(pixels).save(file, format=options.pop("format", "PNG"), **options)
        return path

    return make


@pytest.fixture
def write_table(tmp_path):
    """Writes a table of pairs as a run does and returns its path."""

    def write(rows, name="similarity.csv", header=("from", "to", "distance")) -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
            writer.writerow(header)
            writer.writerows(rows)
        return path

    return write
