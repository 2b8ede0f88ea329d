"""A data set of a hub as files: its labels name folders, and lead to no other place."""

from pathlib import Path

import pytest
from fastdup.datasets import FastdupHFDataset

from pictures import textured_scene

HOSTILE = [
    "..",
    ".",
    "",
    " .. ",
    "../up",
    "/etc",
    "a/../../b",
    "..\\up",
    "C:up",
    "nul\0byte",
    "a\nb",
]


class Rows:
    """Rows of a picture and a label, as the library `datasets` gives them."""

    def __init__(self, labels):
        self.labels = labels
        self.features = {"image": object(), "label": object()}

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, which):
        if which == "label":
            return self.labels
        return {"image": textured_scene(which, (40, 30)), "label": self.labels[which]}


@pytest.mark.parametrize("label", HOSTILE)
def test_a_label_is_a_folder_in_the_folder_of_pictures_whatever_it_is(label, tmp_path):
    pictures = tmp_path / "deep" / "pictures"
    dataset = FastdupHFDataset(Rows([label, "cat"]), jpg_save_dir=pictures)
    written = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert {path.name for path in written} == {"0.jpg", "1.jpg"}
    assert {path.parent.parent for path in written} == {pictures}
    assert {Path(name) for name in dataset.annotations["filename"]} == written
    assert dataset.annotations["label"].tolist() == [label, "cat"]
