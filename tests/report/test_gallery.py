"""The galleries as a person and a browser meet them."""

import base64
import html
import io
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from PIL import Image

from fastdup.errors import ConfigError, ReportError
from fastdup.report import Gallery, create_duplicates_gallery, create_outliers_gallery, gallery

# A slash cannot be in a name, so closing tags are spelt without one or with a look-alike.
HOSTILE_NAMES = [
    b"<script>alert(1).png",
    b'"><img src=x onerror=alert(1)>.png',
    b"' onmouseover='alert(1)' x='.png",
    b"&lt;b&gt;&amp;&#x3c;.png",
    b"{{ 7*7 }}{% raw %}.png",
    b"]]>--><!-- <style>*{display:none}.png",
    b"<iframe srcdoc='<script>alert(1)'>.png",
    b"javascript:alert(1).png",
    b"com,ma 'quoted' \"doubly\".png",
    b"new\nline\r\n.png",
    b"back\\slash.png",
    "right\u202egnp.exe.png".encode(),
    "😀👩\u200d👧 مرحبا.png".encode(),
    b"long" * 60 + b".png",
]
if sys.platform not in {"darwin", "win32"}:
    HOSTILE_NAMES.append(b"bytes\xff\xe9.png")
needs_free_names = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows allows no such names"
)


@pytest.fixture
def five(make_image):
    """Paths of five different images."""
    return [make_image(f"{letter}.png", seed=number) for number, letter in enumerate("abcde")]


@pytest.fixture
def similarity_csv(five, write_table):
    """Four pairs, two of them in both directions."""
    a, b, c, d, e = five
    rows = [(a, b, 1.0), (b, a, 1.0), (c, d, 0.98), (d, c, 0.98), (a, e, 0.9), (e, c, 0.87)]
    return write_table([(first, second, f"{value:.6f}") for first, second, value in rows])


def names_in(page):
    return page.texts("p", "name")


def pairs_in(page):
    names = names_in(page)
    return [a[0] + b[0] for a, b in zip(names[::2], names[1::2], strict=True)]


def test_each_pair_is_shown_once_most_similar_first(similarity_csv, tmp_path, load_page):
    page = load_page(create_duplicates_gallery(similarity_csv, tmp_path / "report"))
    assert pairs_in(page) == ["ab", "cd", "ae", "ec"]
    assert page.texts("data") == ["1.0000", "0.9800", "0.9000", "0.8700"]
    assert page.texts("span", "word") == [
        "identical",
        "almost identical",
        "very similar",
        "very similar",
    ]


def test_ascending_shows_the_least_similar_first(similarity_csv, tmp_path, load_page):
    path = create_duplicates_gallery(similarity_csv, tmp_path, num_images=2, descending=False)
    page = load_page(path)
    assert pairs_in(page) == ["ec", "ae"]
    assert page.texts("p", "lead") == ["Showing 2 of 4 pairs, least similar first."]


def test_the_top_says_how_many_in_which_range_and_from_where(similarity_csv, tmp_path, load_page):
    page = load_page(create_duplicates_gallery(similarity_csv, tmp_path, 3))
    assert page.texts("p", "lead") == ["Showing 3 of 4 pairs, most similar first."]
    assert page.texts("dt") == ["Similarity shown", "Similarity of all", "From"]
    assert page.texts("dd") == [
        "0.9000\u202f–\u202f1.0000".replace("\u202f", " "),
        "0.8700 – 1.0000",
        str(similarity_csv),
    ]


@pytest.mark.parametrize(
    ("n_pairs", "lead"),
    [(1, "Showing the only pair."), (2, "Showing all 2 pairs, most similar first.")],
)
def test_few_pairs_are_all_shown(n_pairs, lead, five, write_table, tmp_path, load_page):
    table = write_table([(five[0], five[1 + number], 0.9) for number in range(n_pairs)])
    assert load_page(create_duplicates_gallery(table, tmp_path)).texts("p", "lead") == [lead]


def test_a_work_folder_and_a_frame_give_the_same_pairs(similarity_csv, tmp_path, load_page):
    frame = pd.read_csv(similarity_csv)
    from_folder = load_page(create_duplicates_gallery(tmp_path, tmp_path / "1.html"))
    from_frame = load_page(create_duplicates_gallery(frame, tmp_path / "2.html"))
    assert names_in(from_folder) == names_in(from_frame)
    assert from_frame.texts("dd")[-1] == "a data frame"


def test_names_folders_sizes_and_formats_stand_beside_the_images(
    make_image, write_table, tmp_path, load_page
):
    large = make_image("one/photo.jpg", width=1200, height=800, format="JPEG")
    small = make_image("two/photo.png", width=60, height=40)
    table = write_table([(large, small, 0.95)])
    page = load_page(create_duplicates_gallery(table, tmp_path))
    assert names_in(page) == ["photo.jpg", "photo.png"]
    assert [text.removeprefix("in ") for text in page.texts("p", "folder")] == [
        f"{tmp_path}/images/one/",
        f"{tmp_path}/images/two/",
    ]
    measures = page.texts("ul", "measures")
    assert measures[0].startswith("1,200 × 800 larger ")
    assert measures[0].endswith(" JPEG")
    kilobytes = f"{Path(small).stat().st_size / 1000:.1f}"
    assert measures[1] == f"60 × 40 {kilobytes} kB PNG"


def test_two_files_of_the_same_bytes_are_said_to_be(make_image, write_table, tmp_path, load_page):
    twins = make_image("a.png"), make_image("b.png"), make_image("c.png", seed=1)
    table = write_table([(twins[0], twins[1], 1.0), (twins[0], twins[2], 1.0)])
    page = load_page(create_duplicates_gallery(table, tmp_path))
    assert page.texts("p", "note") == ["same bytes"]


def test_outliers_stand_beside_their_nearest_strangest_first(
    five, write_table, tmp_path, load_page
):
    a, b, c, _, _ = five
    write_table([(b, a, 0.2), (a, b, 0.1), (c, a, 0.25)], name="outliers.csv")
    page = load_page(create_outliers_gallery(tmp_path, tmp_path))
    assert pairs_in(page) == ["ab", "ba", "ca"], "an outlier may be another one's nearest"
    assert page.texts("p", "role") == ["Outlier", "Nearest image"] * 3
    assert page.texts("p", "lead") == ["Showing all 3 outliers, least similar first."]
    assert "larger" not in page.html.partition("</style>")[2]


def test_each_image_is_decoded_once(monkeypatch, similarity_csv, tmp_path):
    seen = []
    real = gallery.make_picture
    monkeypatch.setattr(gallery, "make_picture", lambda path: seen.append(path) or real(path))
    create_duplicates_gallery(similarity_csv, tmp_path)
    assert len(seen) == len(set(seen)) == 5


def test_images_are_thumbnails_inside_the_page(similarity_csv, tmp_path, load_page):
    page = load_page(create_duplicates_gallery(similarity_csv, tmp_path))
    images = page.all("img")
    assert len(images) == 8
    for image in images:
        head, data = image.attributes["src"].split(",")
        assert head == "data:image/jpeg;base64"
        with Image.open(io.BytesIO(base64.b64decode(data, validate=True))) as picture:
            assert picture.size == (24, 16)
        assert image.attributes["alt"].endswith(".png")
        assert image.attributes["loading"] == "lazy"


def test_the_page_loads_nothing_and_runs_nothing(similarity_csv, tmp_path, load_page):
    page = load_page(create_duplicates_gallery(similarity_csv, tmp_path))
    assert not re.search(r"https?:|@import|url\(", page.html, re.IGNORECASE)
    assert {element.tag for element in page.elements}.isdisjoint(
        {"script", "iframe", "object", "embed", "form", "base", "video", "audio"}
    )
    for element in page.elements:
        for name, value in element.attributes.items():
            assert not name.startswith("on")
            if name == "src" or element.tag == "link":
                assert name != "href" or value.startswith("data:")
                assert name != "src" or value.startswith("data:")
        if element.tag == "a":
            assert element.attributes["href"].startswith("file:///")
    [policy] = [
        meta.attributes["content"]
        for meta in page.all("meta")
        if meta.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in policy
    assert "script-src" not in policy


def test_the_page_reads_well_aloud(similarity_csv, tmp_path, load_page):
    page = load_page(create_duplicates_gallery(similarity_csv, tmp_path))
    assert page.all("html")[0].attributes["lang"] == "en"
    assert page.texts("title") == ["Similar images · fastdup"]
    assert page.texts("h1") == ["Similar images"]
    assert page.texts("h2")[0] == "Pair 1 identical"
    assert len(page.all("main")) == 1
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids)) == 4
    assert [card.attributes["aria-labelledby"] for card in page.all("article")] == ids
    assert all(link.attributes["aria-label"].startswith("Open ") for link in page.all("a"))


def shape_of(page):
    """Tags and the names of their attributes, which no name of a file may change."""
    return [
        (element.tag, sorted(element.attributes))
        for element in page.elements
        if element.attributes.get("class") != "escape"
    ]


@needs_free_names
@pytest.mark.parametrize("create", [create_duplicates_gallery, create_outliers_gallery])
@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_a_hostile_name_adds_no_element_and_no_attribute(
    create, name, make_image, write_table, tmp_path, load_page
):
    tame, hostile = make_image("tame.png"), make_image(name)
    tame_page = load_page(create(write_table([(tame, tame, 0.9)]), tmp_path / "tame.html"))
    page = load_page(create(write_table([(tame, hostile, 0.9)]), tmp_path / "hostile.html"))
    notes = len(page.all("p", "note"))
    assert notes == len(tame_page.all("p", "note")) == 1, "both files have the same bytes"
    assert shape_of(page) == shape_of(tame_page)


@needs_free_names
def test_hostile_names_and_folders_are_shown_as_they_are(
    make_image, write_table, tmp_path, load_page
):
    rows = [(make_image(b"<b>/" + name), make_image(name), 0.9) for name in HOSTILE_NAMES]
    page = load_page(create_duplicates_gallery(write_table(rows), tmp_path / "r"))
    shown = page.all("p", "name")
    assert len(shown) == 2 * len(HOSTILE_NAMES)
    assert "<script>alert(1).png" in [name.text for name in shown]
    assert r"new\nline\r\n.png" in [name.text for name in shown]
    assert r"right\u202Egnp.exe.png" in [name.text for name in shown]
    assert any("<b>/" in folder for folder in page.texts("p", "folder"))
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", page.html)
    if sys.platform not in {"darwin", "win32"}:
        assert r"bytes\xFF\xE9.png" in [name.text for name in shown]
        assert any(link.attributes["href"].endswith("bytes%FF%E9.png") for link in page.all("a"))


@needs_free_names
def test_a_hostile_work_folder_is_shown_as_it_is(tmp_path, five, load_page):
    folder = tmp_path / "<img src=x>\n"
    folder.mkdir()
    (folder / "similarity.csv").write_text(f"from,to,distance\n{five[0]},{five[1]},1\n")
    page = load_page(create_duplicates_gallery(folder, folder / "new"))
    assert page.texts("dd")[-1] == f"{tmp_path}/<img src=x>\\n/similarity.csv"


def test_images_that_cannot_be_shown_leave_a_tile_with_the_reason(
    five, write_table, tmp_path, load_page
):
    gone = str(tmp_path / "gone <b>.png")
    (tmp_path / "text.png").write_text("no image at all")
    rows = [(five[0], gone, 0.9), (str(tmp_path / "text.png"), "s3://bucket/x.jpg", 0.8)]
    page = load_page(create_duplicates_gallery(write_table(rows), tmp_path))
    assert len(page.all("img")) == 1
    assert page.texts("strong")[1:] == [
        "The file is gone",
        "Not an image",
        "This kind of file cannot be shown",
    ]
    assert names_in(page) == ["a.png", "gone <b>.png", "text.png", "x.jpg"]
    assert page.texts("p", "folder")[-1] == "in s3://bucket/"


@pytest.mark.parametrize(
    ("create", "heading"),
    [
        (create_duplicates_gallery, "No similar images"),
        (create_outliers_gallery, "No outliers"),
    ],
)
def test_no_pairs_make_a_friendly_page(create, heading, write_table, tmp_path, load_page):
    page = load_page(create(write_table([]), tmp_path / "r"))
    assert page.texts("h2") == [heading]
    assert not page.all("img")


def test_tiny_images_are_enlarged_pixel_by_pixel(make_image, write_table, tmp_path, load_page):
    icon, photo = make_image("icon.png", width=32, height=16), make_image("b.png", width=200)
    page = load_page(create_duplicates_gallery(write_table([(icon, photo, 0.9)]), tmp_path))
    small, large = page.all("img")
    assert (small.attributes["width"], small.attributes["height"]) == ("128", "64")
    assert small.attributes["class"] == "tiny"
    assert large.attributes["width"] == "200"
    assert "class" not in large.attributes


@pytest.mark.parametrize("create", [create_duplicates_gallery, create_outliers_gallery])
@pytest.mark.parametrize("num_images", [0, -1, 2.5, "20", None])
def test_a_senseless_number_is_refused_before_anything_is_written(create, num_images, tmp_path):
    with pytest.raises(ConfigError, match=r"num_images=.* is not allowed"):
        create(tmp_path, tmp_path / "report", num_images=num_images)
    assert not (tmp_path / "report").exists()


def test_a_broken_table_leaves_the_old_gallery_alone(similarity_csv, tmp_path):
    path = create_duplicates_gallery(similarity_csv, tmp_path / "report")
    before = Path(path).read_bytes()
    similarity_csv.write_text("from,to,distance\na,b\n")
    with pytest.raises(ReportError):
        create_duplicates_gallery(similarity_csv, tmp_path / "report")
    assert Path(path).read_bytes() == before


def test_the_same_table_gives_the_same_bytes(similarity_csv, tmp_path):
    first = create_duplicates_gallery(similarity_csv, tmp_path / "1.html")
    second = create_duplicates_gallery(similarity_csv, tmp_path / "2.html")
    assert Path(first).read_bytes() == Path(second).read_bytes()


def test_a_gallery_is_the_path_as_a_string(similarity_csv, tmp_path):
    path = create_duplicates_gallery(similarity_csv, tmp_path / "report")
    assert path == str(tmp_path / "report" / "duplicates.html")
    assert isinstance(path, Gallery)
    assert os.path.isfile(path)
    assert pickle.loads(pickle.dumps(path)) == path


def test_in_a_notebook_a_gallery_is_the_page_in_a_frame_of_its_own(similarity_csv, tmp_path):
    path = create_duplicates_gallery(similarity_csv, tmp_path / "report")
    shown = path._repr_html_()
    found = re.fullmatch(
        r'<iframe srcdoc="([^"<>]*)" title="[^"<>]*" sandbox style="[^"]*">'
        r"</iframe>",
        shown,
    )
    assert found
    assert html.unescape(found[1]) == Path(path).read_text(encoding="utf-8")


def test_a_gallery_whose_file_is_gone_says_so_in_the_notebook(tmp_path):
    shown = Gallery(tmp_path / "<b>.html")._repr_html_()
    assert shown.startswith("<p>Cannot show ")
    assert "&lt;b&gt;.html" in shown


def test_importing_the_galleries_loads_nothing_heavy():
    code = (
        "import sys, fastdup.report; "
        "print(sorted({'pandas', 'jinja2', 'faiss', 'onnxruntime'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
