"""Pictures in buckets, archives and videos, and parts of pictures, are judged as files are."""

import csv
import os
from collections import Counter

import numpy as np
import pytest
from PIL import Image, ImageOps

import fastdup
from fastdup.sources import UriReader
from films import film_of
from packed import files_of, tar_of, zip_of
from pictures import jpeg, photo

SIZE = (320, 240)


def edited(picture):
    """Return a crop, a mirrored copy, and a smaller one."""
    width, height = picture.size
    crop = picture.crop((width // 8, height // 8, width - 20, height - 10))
    return crop, ImageOps.mirror(picture), picture.resize((width * 3 // 4, height * 3 // 4))


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    """Three pictures, three copies of each, and a file of the same bytes."""
    folder = tmp_path_factory.mktemp("sources") / "album"
    folder.mkdir()
    for number in range(3):
        picture = photo(number, SIZE)
        for place, one in enumerate((picture, *edited(picture))):
            (folder / f"{number}-{place}.jpg").write_bytes(jpeg(one))
    (folder / "3-same.jpg").write_bytes((folder / "2-0.jpg").read_bytes())
    return folder


@pytest.fixture(scope="module")
def expected(album):
    """What a run over the folder finds."""
    found = judged(album, album.parent / "out")
    assert Counter(row["verdict"] for row in found.values()) >= Counter(
        {"edited": 6, "same_picture": 3, "same_bytes": 1}
    )
    return found


def rows_of(out, name="verdicts.csv"):
    with open(out / name, newline="") as file:
        return list(csv.DictReader(file))


def judged(place, out, name_of=os.path.basename, **options):
    """Run; return {name, name} → what was found of the two, as it is written."""
    assert fastdup.run(place, out, verify="auto", **options) == 0
    pairs = {}
    for row in rows_of(out):
        names = frozenset(name_of(row.pop(end)) for end in ("from", "to"))
        pairs[names] = row
    return pairs


def are_all_judged(out):
    """Return whether each reported pair was judged, itself or with the first of same features."""
    known, first = set(), {}
    for row in rows_of(out):
        one, other = row["from"], row["to"]
        known.add(frozenset((one, other)))
        if float(row["cosine"]) == 1 and row["verdict"] not in ("altered", "look_alike"):
            first[other] = first.get(one, one)
    known |= {frozenset(first.get(name, name) for name in pair) for pair in known}
    for row in rows_of(out, "similarity.csv"):
        pair = row["from"], row["to"]
        firsts = frozenset(first.get(name, name) for name in pair)
        if len(firsts) > 1 and not known & {firsts, frozenset(pair)}:
            return False
    return True


@pytest.mark.parametrize("kind", ["tar", "zip", "bucket", "archive in a bucket"])
def test_pictures_elsewhere_get_the_verdicts_of_a_folder(kind, album, expected, tmp_path, request):
    files = list(files_of(album).items())
    if kind == "tar":
        place = tar_of(tmp_path / "album.tar.gz", files, "w:gz")
    elif kind == "zip":
        place = zip_of(tmp_path / "album.zip", files)
    else:
        name = f"judged-{kind.replace(' ', '-')}"
        folder = request.getfixturevalue("s3_of_parts") / name
        folder.mkdir()
        if kind == "bucket":
            for file, data in files:
                (folder / file).write_bytes(data)
        else:
            zip_of(folder / "album.zip", files)
        place = f"s3://{name}/"
    assert judged(place, tmp_path / "out") == expected
    assert are_all_judged(tmp_path / "out")


def test_parts_get_the_verdicts_of_the_same_parts_as_files(album, tmp_path):
    box = {"left": 20, "top": 10, "width": 200, "height": 160}
    names, cut = [], tmp_path / "cut"
    cut.mkdir()
    for path in sorted(album.iterdir()):
        names.append(f"{path}#xywh={','.join(map(str, box.values()))}")
        left, top, width, height = box.values()
        part = Image.open(path).crop((left, top, left + width, top + height))
        part.save(cut / f"{path.stem}.png")

    def name_of(uri):
        return os.path.basename(uri).partition(".")[0]

    found = judged(names, tmp_path / "parts", name_of)
    files = judged(cut, tmp_path / "files", name_of)
    # Files hold nothing but the part: the same pixels of two of them are the same file.
    same_bytes = {"verdict": "same_bytes"}
    assert found == {p: row | (same_bytes if len(p) < 2 else {}) for p, row in files.items()}
    assert len(found) >= 9


def noisy(picture, noise):
    pixels = np.asarray(picture, float)
    noisy = pixels + noise.normal(0, 8, pixels.shape)
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """Two videos of the same scenes, one of them twice, and one that stands still."""
    folder = tmp_path_factory.mktemp("films") / "films"
    folder.mkdir()
    pictures = [photo(number, SIZE) for number in range(3)]
    film_of(folder / "a.mp4", pictures, key_every=1, crf="12")
    film_of(folder / "b.mp4", [p.resize((240, 180)) for p in pictures], key_every=1, crf="20")
    (folder / "c.mp4").write_bytes((folder / "a.mp4").read_bytes())
    noise = np.random.default_rng(0)
    still = [noisy(photo(7, (160, 120)), noise) for _ in range(27)]
    film_of(folder / "still.mp4", still, key_every=1, crf="30")
    for number in range(4):
        smaller = ImageOps.mirror(noisy(photo(7, (120, 90)), noise))
        (folder / f"still-{number:02}.jpg").write_bytes(jpeg(smaller))
    return folder


def test_frames_get_the_verdicts_of_the_same_pictures_as_files(films, tmp_path):
    reader = UriReader()
    stills = tmp_path / "stills"
    stills.mkdir()
    for film in ("a.mp4", "b.mp4"):
        for uri in reader.expand(str(films / film)):
            (stills / f"{os.path.basename(uri)}.bmp").write_bytes(reader.read(uri))
    names = [str(films / film) for film in ("a.mp4", "b.mp4")]
    frames = judged(names, tmp_path / "frames")
    assert frames
    assert all(len({name.partition("#")[0] for name in pair}) == 2 for pair in frames)

    def name_of(path):
        return os.path.basename(path).removesuffix(".bmp")

    files = judged(stills, tmp_path / "files", name_of)
    assert {pair: files.get(pair) for pair in frames} == frames
    assert {row["verdict"] for row in frames.values()} >= {"same_picture"}


def test_every_reported_pair_of_frames_was_judged(films, tmp_path):
    found = judged(films, tmp_path / "out")
    assert are_all_judged(tmp_path / "out")
    # Each frame of this film has more near frames of its own than are searched.
    of_film = {name for pair in found for name in pair if name.startswith("still.mp4")}
    assert len(of_film) == 27
    assert frozenset(("a.mp4#t=0.000", "c.mp4#t=0.000")) in found
