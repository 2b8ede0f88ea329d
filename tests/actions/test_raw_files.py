"""Camera raw files are compared by their previews, and go only for files of the same bytes."""

import fastdup
import raws
from fastdup.workdir.csv_files import read_table


def removed(folder, work):
    assert fastdup.run(folder, work) == 0
    fastdup.clean(work)
    header, *rows = read_table(str(work / "clean-plan.csv"))
    steps = [dict(zip(header, row, strict=True)) for row in rows]
    return {step["filename"] for step in steps if step["action"] == "remove"}


def test_neither_a_raw_file_nor_its_jpeg_goes_for_the_others_sake(tmp_path):
    folder = tmp_path / "photos"
    for name, data in {
        "cards/DSC_1.NEF": raws.nef(raws.preview()),
        "exports/holiday.jpg": raws.preview(),
        "converted/DSC_1.dng": raws.dng(raws.preview()),
    }.items():
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(data)
    assert removed(folder, tmp_path / "out") == set()


def test_a_raw_file_of_the_same_bytes_goes(tmp_path):
    folder = tmp_path / "photos"
    for name in ("a/DSC_1.NEF", "b/DSC_1.NEF"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(raws.nef(raws.preview()))
    assert len(removed(folder, tmp_path / "out")) == 1
