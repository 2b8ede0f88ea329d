"""The galleries: what their pages hold. How they look and act is in ``tests/browser``."""

import base64
import hashlib
import html
import io
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from camera_files import camera_photo
from fastdup.errors import ConfigError, ReportError
from fastdup.report import METRICS, page
from fastdup.report.gallery import (
    Gallery,
    create_components_gallery,
    create_duplicates_gallery,
    create_outliers_gallery,
    create_similarity_gallery,
    create_stats_gallery,
)
from fastdup.runs.tables import VERDICTS
from fastdup.workdir.paths import GALLERIES

# A slash cannot be in a name, so closing tags are spelt without one or with a look-alike.
HOSTILE_NAMES = [
    b"<script>alert(1).png",
    b'"><img src=x onerror=alert(1)>.png',
    b"' onmouseover='alert(1)' x='.png",
    b"&lt;b&gt;&amp;&#x3c;.png",
    b"{{ 7*7 }}{% raw %}.png",
    b"]]>--><!-- <style>*{display:none}.png",
    b"<!--<script>.png",
    b"<iframe srcdoc='<script>alert(1)'>.png",
    b"javascript:alert(1).png",
    b"com,ma 'quoted' \"doubly\".png",
    b"new\nline\r\n.png",
    b"back\\slash.png",
    "right\u202egnp.exe.png".encode(),
    "line\u2028separator.png".encode(),
    "😀👩\u200d👧 مرحبا.png".encode(),
    b"long" * 60 + b".png",
]
if sys.platform not in {"darwin", "win32"}:
    HOSTILE_NAMES.append(b"bytes\xff\xe9.png")
needs_free_names = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows allows no such names"
)
CREATORS = [
    create_components_gallery,
    create_duplicates_gallery,
    create_outliers_gallery,
    create_similarity_gallery,
    create_stats_gallery,
]


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


@pytest.fixture
def work(five, similarity_csv, write_table):
    """A work folder with all tables that galleries read."""
    a, b, c, d, e = five
    write_table([(e, a, 0.1), (b, c, 0.2)], name="outliers.csv")
    header = ("filename", "component_id", "count", "mean_distance", "min_distance", "max_distance")
    groups = [(a, 0, 3, 0.9, 0.87, 0.98), (b, 0, 3, 0.9, 0.87, 0.98), (c, 0, 3, 0.9, 0.87, 0.98)]
    groups += [(d, 1, 2, 0.99, 0.99, 0.99), (e, 1, 2, 0.99, 0.99, 0.99)]
    write_table(groups, name="connected_components.csv", header=header)
    stats = [(path, 10 * i, 5 - i, 24) for i, path in enumerate(five)]
    write_table(stats, name="stats.csv", header=("filename", "mean", "blur", "width"))
    return similarity_csv.parent


def pairs_in(page):
    return ["".join(name.removesuffix(".png") for name in names) for names in page.names()]


def test_each_pair_is_shown_once_most_similar_first(similarity_csv, tmp_path, load_page):
    page = load_page(create_duplicates_gallery(similarity_csv, tmp_path / "report"))
    assert pairs_in(page) == ["ab", "cd", "ae", "ec"]
    assert [card["s"] for card in page.cards] == ["1.0000", "0.9800", "0.9000", "0.8700"]
    assert [card["word"] for card in page.cards] == [
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
    assert page.texts("dd") == ["0.9000 – 1.0000", "0.8700 – 1.0000", str(similarity_csv)]


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
    assert from_folder.names() == from_frame.names()
    assert from_frame.texts("dd")[-1] == "a data frame"


def test_names_folders_sizes_and_formats_stand_beside_the_images(
    make_image, write_table, tmp_path, load_page
):
    large = make_image("one/photo.jpg", width=1200, height=800, format="JPEG")
    small = make_image("two/photo.png", width=60, height=40)
    page = load_page(create_duplicates_gallery(write_table([(large, small, 0.95)]), tmp_path))
    first, second = page.cards[0]["m"]
    assert (first["name"], first["dir"]) == ("photo.jpg", f"{tmp_path}/images/one/")
    assert (first["w"], first["h"], first["format"]) == (1200, 800, "JPEG")
    kilobytes = f"{Path(small).stat().st_size / 1000:.1f} kB"
    assert (second["w"], second["h"], second["size"]) == (60, 40, kilobytes)
    assert second["uri"] == f"file://{small}"


def test_two_files_of_the_same_bytes_are_said_to_be(make_image, write_table, tmp_path, load_page):
    twins = make_image("a.png"), make_image("b.png"), make_image("c.png", seed=1)
    table = write_table([(twins[0], twins[1], 1.0), (twins[0], twins[2], 1.0)])
    page = load_page(create_duplicates_gallery(table, tmp_path))
    assert [card["m"][1]["text"] for card in page.cards] == ["same bytes", "look-alike"]


def test_what_the_run_found_about_a_pair_is_said(fresh, tmp_path, load_page):
    """A verdict that no look would give shows where the words come from."""
    work, photos = fresh, fresh.parent / "photos"
    first, mirrored = str(photos / "00.jpg"), str(photos / "copies/00-mirrored.jpg")
    values = ("0.99", "0.99", "same_pixels", "", "1", "1", "0", "0", "30")
    table = work / "verdicts.csv"
    table.write_text(
        f"{','.join(VERDICTS.columns)}\n{first},{mirrored},{','.join(values)}\n", encoding="utf-8"
    )
    pair = pd.DataFrame([(first, mirrored, 0.99)], columns=["from", "to", "distance"])
    pair.to_csv(work / "similarity.csv", index=False)
    for source, text in (
        (work, "same pixels"),
        (work / "similarity.csv", "same pixels"),
        (pair, "mirrored"),
    ):
        page = load_page(create_duplicates_gallery(source, tmp_path / "page.html"))
        assert page.cards[0]["m"][1]["text"] == text


def test_an_outlier_that_is_only_alike_is_not_said_to_be(five, write_table, tmp_path, load_page):
    write_table([(five[1], five[0], 0.2)], name="outliers.csv")
    page = load_page(create_outliers_gallery(tmp_path, tmp_path))
    assert "text" not in page.cards[0]["m"][1]


def test_without_differences_no_pictures_are_compared(similarity_csv, tmp_path, load_page):
    page = load_page(create_duplicates_gallery(similarity_csv, tmp_path, differences=False))
    assert all(set(m).isdisjoint({"text", "kinds", "t"}) for card in page.cards for m in card["m"])


def test_outliers_stand_beside_their_nearest_least_similar_first(
    five, write_table, tmp_path, load_page
):
    a, b, c, _, _ = five
    write_table([(b, a, 0.2), (a, b, 0.1), (c, a, 0.25)], name="outliers.csv")
    page = load_page(create_outliers_gallery(tmp_path, tmp_path))
    assert pairs_in(page) == ["ab", "ba", "ca"], "an outlier may be another one's nearest"
    assert [m["role"] for m in page.cards[0]["m"]] == ["Outlier", "Nearest image"]
    assert page.texts("p", "lead") == ["Showing all 3 outliers, least similar first."]


def test_groups_are_shown_whole_the_largest_first(work, tmp_path, load_page):
    page = load_page(create_components_gallery(work, tmp_path))
    assert pairs_in(page) == ["abc", "de"]
    assert page.cards[0]["facts"] == ["3 images"]
    assert page.texts("p", "lead") == ["Showing all 2 groups, largest first."]
    page = load_page(create_components_gallery(work, tmp_path, sort_by="mean_distance"))
    assert pairs_in(page) == ["de", "abc"]


def test_of_a_large_group_some_are_shown_and_the_rest_counted(work, tmp_path, load_page):
    page = load_page(create_components_gallery(work, tmp_path, max_items=2, min_items=3))
    assert pairs_in(page) == ["ab"]
    assert page.cards[0]["more"] == 1


def test_each_image_is_shown_with_its_neighbours(work, tmp_path, load_page):
    page = load_page(create_similarity_gallery(work, tmp_path))
    assert pairs_in(page) == ["abe", "ba", "cd", "dc", "ec"]
    assert [m.get("s") for m in page.cards[0]["m"]] == [None, "1.0000", "0.9000"]


@pytest.mark.parametrize(
    ("metric", "order"),
    [("dark", "abcde"), ("bright", "edcba"), ("blur", "edcba"), ("sharp", "abcde")],
)
def test_images_are_ordered_by_what_was_measured(metric, order, work, tmp_path, load_page):
    path = create_stats_gallery(work, tmp_path / "report", metric=metric)
    assert os.path.basename(path) == f"stats-{metric}.html"
    assert "".join(pairs_in(load_page(path))) == order


def test_an_unknown_metric_names_the_nearest(work, tmp_path):
    with pytest.raises(ConfigError, match="try metric='bright'"):
        create_stats_gallery(work, tmp_path, metric="brigth")


def test_pages_in_a_work_folder_are_known_as_its_own():
    kinds = {"components", "duplicates", "mislabels", "outliers", "similarity"}
    assert set(GALLERIES) == {f"{k}.html" for k in kinds} | {f"stats-{m}.html" for m in METRICS}


# --- labels and choice -----------------------------------------------------------------------


def label(path):
    return "vowel" if os.path.basename(path)[0] in "aeiou" else None


@pytest.mark.parametrize("source", [label, "mapping"])
def test_labels_are_shown(source, work, five, tmp_path, load_page):
    labels = {path: label(path) for path in five} if source == "mapping" else source
    page = load_page(create_duplicates_gallery(work, tmp_path, get_label_func=labels))
    assert [[m.get("label") for m in card["m"]] for card in page.cards] == [
        ["vowel", None],
        [None, None],
        ["vowel", "vowel"],
        ["vowel", None],
    ]


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({"threshold": 0.95}, ["ab", "cd"]),
        ({"keyword": "d.png"}, ["cd"]),
        ({"get_label_func": os.path.basename, "slice": "e.png"}, ["ae", "ec"]),
        ({"get_label_func": os.path.basename, "slice": ["b.png", "d.png"]}, ["ab", "cd"]),
        ({"get_label_func": lambda path: path[-5] < "c", "slice": "diff"}, ["ae"]),
        ({"get_label_func": lambda path: ord(path[-5]), "slice": ord("e")}, ["ae", "ec"]),
    ],
)
def test_cards_can_be_chosen(options, shown, work, tmp_path, load_page):
    assert pairs_in(load_page(create_duplicates_gallery(work, tmp_path, **options))) == shown


@pytest.mark.parametrize(
    ("option", "value", "wanted"),
    [
        ("threshold", "0.9", "give a number"),
        ("keyword", 7, "give a part of the path"),
        ("min_items", -1, "give a whole number, 0 for no limit"),
        ("max_width", 2.5, "give a whole number, 0 for no limit"),
        ("get_label_func", "label", "give a function or mapping of paths"),
        ("get_reformat_filename_func", {}, "give a function of paths"),
    ],
)
def test_an_option_of_another_kind_is_refused(option, value, wanted, work, tmp_path):
    with pytest.raises(ConfigError, match=f"^{option}={value!r} is not allowed: {wanted}"):
        create_duplicates_gallery(work, tmp_path, **{option: value})


def test_numbers_may_be_those_of_numpy(work, tmp_path, load_page):
    options = {"max_width": np.int64(100), "threshold": np.float64(0.95)}
    assert pairs_in(load_page(create_duplicates_gallery(work, tmp_path, **options))) == ["ab", "cd"]


def test_names_can_be_given_another_form_and_a_line_be_added(work, tmp_path, load_page):
    path = create_duplicates_gallery(
        work,
        tmp_path,
        get_reformat_filename_func=lambda path: "no name",
        get_extra_col_func=lambda path: "line",
    )
    first = load_page(path).cards[0]["m"][0]
    assert (first["name"], first["extra"]) == ("no name", "line")


def test_what_means_nothing_is_accepted_with_a_warning(work, tmp_path):
    with pytest.warns(DeprecationWarning, match="lazy_load has no effect") as caught:
        create_duplicates_gallery(work, tmp_path, lazy_load=True)
    assert caught[0].filename == __file__


@pytest.mark.parametrize("create", CREATORS)
def test_a_misspelt_option_names_the_nearest(create, work, tmp_path):
    with pytest.raises(TypeError, match=r"'max_witdh'; did you mean 'max_width'"):
        create(work, tmp_path, max_witdh=100)


def test_pictures_have_the_width_asked_for(make_image, write_table, tmp_path, load_page):
    large = make_image("large.png", width=600, height=300)
    table = write_table([(large, large, 1)])
    page = load_page(create_duplicates_gallery(table, tmp_path, max_width=200))
    assert (page.data["images"][0]["tw"], page.data["images"][0]["th"]) == (200, 100)


# --- the page ----------------------------------------------------------------------------------


def test_each_image_is_decoded_once(monkeypatch, similarity_csv, tmp_path):
    seen = []
    real = page.look_at

    def look_at(path, side, **options):
        seen.append(path)
        return real(path, side, **options)

    monkeypatch.setattr(page, "look_at", look_at)
    create_duplicates_gallery(similarity_csv, tmp_path)
    assert len(seen) == len(set(seen)) == 5


def test_many_pictures_are_small_ones():
    sides = [page.thumbnail_side(n) for n in (1, 64, 65, 1000, 10_000)]
    assert sides == [512, 512, 360, 240, 160]


def test_pictures_are_inside_the_page_once_each(similarity_csv, tmp_path, load_page):
    page = load_page(create_duplicates_gallery(similarity_csv, tmp_path))
    pictures = [e for e in page.all("script") if e.attributes.get("type") == "text/plain"]
    assert [e.attributes["id"] for e in pictures] == [f"p{number}" for number in range(5)]
    for element in pictures:
        with Image.open(io.BytesIO(base64.b64decode(element.text, validate=True))) as picture:
            assert (picture.size, picture.format) == ((24, 16), "JPEG")


def test_the_page_loads_nothing_and_runs_only_its_own_script(similarity_csv, tmp_path, load_page):
    page = load_page(create_duplicates_gallery(similarity_csv, tmp_path))
    assert not re.search(r"https?:|@import|url\(|innerHTML|eval\(", page.html, re.IGNORECASE)
    tags = {element.tag for element in page.elements}
    assert tags.isdisjoint({"iframe", "object", "embed", "form", "base", "video", "audio", "img"})
    for element in page.elements:
        assert not any(name.startswith("on") or name == "style" for name in element.attributes)
        assert "src" not in element.attributes
    [policy] = [
        meta.attributes["content"]
        for meta in page.all("meta")
        if meta.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "unsafe" not in policy
    [script] = [e for e in page.all("script") if "type" not in e.attributes]
    [style] = page.all("style")
    for element in (script, style):
        digest = base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


def test_the_page_reads_well_aloud(similarity_csv, tmp_path, load_page):
    page = load_page(create_duplicates_gallery(similarity_csv, tmp_path))
    assert page.all("html")[0].attributes["lang"] == "en"
    assert page.texts("title") == ["Similar images · fastdup"]
    assert page.texts("h1") == ["Similar images"]
    assert len(page.all("main")) == 1
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))


def shape_of(page):
    """Tags and the names of their attributes, which no name of a file may change."""
    return [(element.tag, sorted(element.attributes)) for element in page.elements]


@needs_free_names
@pytest.mark.parametrize("create", [create_duplicates_gallery, create_outliers_gallery])
@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_a_hostile_name_adds_no_element_and_no_attribute(
    create, name, make_image, write_table, tmp_path, load_page
):
    tame, other, hostile = make_image("tame.png"), make_image("other.png"), make_image(name)
    tame_page = load_page(create(write_table([(tame, other, 0.9)]), tmp_path / "tame.html"))
    table = write_table([(tame, hostile, 0.9)])
    callbacks = {"get_label_func": os.path.basename, "get_extra_col_func": os.path.basename}
    page = load_page(create(table, tmp_path / "hostile.html", **callbacks))
    assert shape_of(page) == shape_of(tame_page)
    assert all(member["text"] == "same bytes" for member in page.cards[0]["m"][1:])


@needs_free_names
def test_hostile_names_and_folders_are_shown_as_they_are(
    make_image, write_table, tmp_path, load_page
):
    rows = [(make_image(b"<b>/" + name), make_image(name), 0.9) for name in HOSTILE_NAMES]
    page = load_page(create_duplicates_gallery(write_table(rows), tmp_path / "r"))
    names = [name for card in page.names() for name in card]
    assert len(names) == 2 * len(HOSTILE_NAMES)
    assert "<script>alert(1).png" in names
    assert r"new\nline\r\n.png" in names
    assert r"right\u202Egnp.exe.png" in names
    assert any("<b>/" in card["m"][0]["dir"] for card in page.cards)
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", page.html)
    if sys.platform not in {"darwin", "win32"}:
        assert r"bytes\xFF\xE9.png" in names
        uris = [member["uri"] for card in page.cards for member in card["m"]]
        assert any(uri.endswith("bytes%FF%E9.png") for uri in uris)


@needs_free_names
@pytest.mark.parametrize(
    ("name", "ending"),
    [('a b"<é>%.png', "/a%20b%22%3C%C3%A9%3E%25.png"), (b"caf\xe9.png", "/caf%E9.png")],
)
def test_the_link_leads_to_the_file_whatever_its_name(
    name, ending, make_image, write_table, tmp_path, load_page
):
    table = write_table(
        [(make_image(name), "\ud83d/none.png".encode("utf-8", "replace").decode(), 1)]
    )
    page = load_page(create_duplicates_gallery(table, tmp_path / "new"))
    uri = page.cards[0]["m"][0]["uri"]
    assert uri.startswith("file:///")
    assert uri.endswith(ending)


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
    assert [image.get("why") for image in page.data["images"]] == [
        None,
        "The file is gone",
        "Not an image",
        "This kind of file cannot be shown",
    ]
    assert page.names() == [["a.png", "gone <b>.png"], ["text.png", "x.jpg"]]
    assert page.cards[-1]["m"][1]["dir"] == "s3://bucket/"


@pytest.mark.parametrize(
    ("create", "heading"),
    [
        (create_duplicates_gallery, "No similar images"),
        (create_similarity_gallery, "No similar images"),
        (create_outliers_gallery, "No outliers"),
    ],
)
def test_no_pairs_make_a_friendly_page(create, heading, write_table, tmp_path, load_page):
    page = load_page(create(write_table([]), tmp_path / "r"))
    assert page.texts("h2") == [heading]
    assert not page.all("script")


@pytest.mark.parametrize("create", CREATORS)
@pytest.mark.parametrize("num_images", [-2, -1, 2.5, "20", None])
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


# --- the path, and notebooks -----------------------------------------------------------------


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
        r'<iframe srcdoc="([^"<>]*)" title="[^"<>]*" sandbox="allow-scripts allow-popups" '
        r'style="[^"]*"></iframe>',
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


def test_the_time_and_the_camera_of_a_photo_stand_beside_it(write_table, tmp_path, load_page):
    files = {"a.jpg": camera_photo(1), "b.jpg": camera_photo(1, taken=None, model="<b>X</b>")}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    paths = [str(tmp_path / name) for name in files]
    page = load_page(create_duplicates_gallery(write_table([(*paths, 0.95)]), tmp_path))
    first, second = page.cards[0]["m"]
    assert (first["taken"], first["camera"]) == ("2019-07-14 12:33:01.25", "NIKON D90")
    assert second["taken"] == "saved 2020-01-02 03:04:05"
    assert second["camera"] == "NIKON CORPORATION <b>X</b>"
