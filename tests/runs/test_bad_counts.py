"""How many files could not be used, in words: broken ones, and all others apart."""

from fastdup.runs.bad_counts import BadCounts, count_bad
from fastdup.workdir import WorkDir
from fastdup.workdir.csv_files import write_table

HEIC = "HEIC needs an extra package: pip install pillow-heif"


def counted(folder, rows):
    work = WorkDir(str(folder))
    write_table(work.bad_csv, ("filename", "reason", "detail"), rows)
    (folder / "features.dat.journal").write_text("{}\n")
    return count_bad(work)


def test_reasons_are_grouped_and_side_files_counted_by_ending(tmp_path):
    rows = [
        *[(f"/{n}.jpg", "truncated", "") for n in range(4)],
        *[(f"/{n}.XMP", "side_file", "") for n in range(1200)],
        *[(f"/{n}.json", "side_file", "") for n in range(113)],
        ("/a.heic", "unsupported", HEIC),
        ("/b.heic", "unsupported", HEIC),
        ("/c.svg", "unsupported", "SVG files cannot be decoded"),
        ("/gone.jpg", "not_found", ""),
        ("/late.jpg", "timeout", ""),
        ("/glass.png", "no_content", ""),
    ]
    n_bad, bad = counted(tmp_path, rows)
    assert n_bad == len(rows)
    assert bad.words(n_bad) == (
        "4 broken, 2 not found or not readable, 3 unsupported, 1 fully transparent, "
        "1,313 not images (1,200 .xmp, 113 .json)"
    )
    assert bad.missing_extras == {HEIC: 2}


def test_many_endings_become_one_number(tmp_path):
    rows = [(f"/{n}.e{n}", "side_file", "") for n in range(9)] + [("/a", "side_file", "")]
    n_bad, bad = counted(tmp_path, rows)
    words = "0 broken, 10 not images (1 without an ending, 1 .e0, 1 .e1, 1 .e2, 1 .e3, 5 others)"
    assert bad.words(n_bad) == words


def test_nothing_bad_is_nothing_broken():
    assert BadCounts().words(0) == "0 broken"


def test_one_side_file_is_not_an_image():
    assert BadCounts(side_files={".xmp": 1}).words(1) == "0 broken, 1 not an image (1 .xmp)"
