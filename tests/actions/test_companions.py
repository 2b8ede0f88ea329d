"""Which files beside a photo belong to it, by their names."""

import pytest

from fastdup.actions.companions import Kind, PhotoFolder, name_beside


def companions(photo, *names):
    return [one.name for one in PhotoFolder([photo, *names]).of(photo)]


@pytest.mark.parametrize(
    ("photo", "companion", "kind"),
    [
        ("IMG_1.JPG", "IMG_1.xmp", Kind.SIDECAR),
        ("img_1.jpg", "IMG_1.XMP", Kind.SIDECAR),
        ("IMG_1.JPG", "IMG_1.JPG.xmp", Kind.SIDECAR),
        ("IMG_1.JPG", "img_1.jpg.XMP", Kind.SIDECAR),
        ("IMG_1.JPG", "IMG_1.CR2.xmp", Kind.SIDECAR),
        ("IMG_1.JPG", "IMG_1.JPG.pp3", Kind.SIDECAR),
        ("IMG_1.HEIC", "IMG_1.AAE", Kind.SIDECAR),
        ("IMG_0001.HEIC", "IMG_O0001.AAE", Kind.SIDECAR),
        ("IMG_1.HEIC", "IMG_1.MOV", Kind.FILM),
        ("PXL_2.jpg", "PXL_2.mp4", Kind.FILM),
        ("IMG_1.JPG", "IMG_1.THM", Kind.THUMBNAIL),
        ("IMG_1.JPG", "IMG_1.WAV", Kind.SOUND),
        ("IMG_1.JPG", "IMG_1.m4a", Kind.SOUND),
        ("IMG_1.JPG", "IMG_1.cr3", Kind.RAW),
        ("_DSC1.jpg", "_dsc1.NEF", Kind.RAW),
        ("GOPR1.JPG", "GOPR1.GPR", Kind.RAW),
        ("CF1.jpg", "CF1.eip", Kind.RAW),
        ("IMGP1.JPG", "IMGP1.PTX", Kind.RAW),
        ("IMG_1.JPG", "IMG_1.VRD", Kind.SIDECAR),
        ("IMG_1.JPG", "IMG_1.json", Kind.EXPORTED),
        ("IMG_1.JPG", "IMG_1.JPG.json", Kind.EXPORTED),
        ("IMG_1.JPG", "IMG_1.JPG.supplemental-metadata.json", Kind.EXPORTED),
        ("IMG_1.JPG", "IMG_1.JPG.suppl.json", Kind.EXPORTED),
        ("IMG_1.JPG", "IMG_1.JPG..json", Kind.EXPORTED),
        ("IMG_1(1).JPG", "IMG_1.JPG(1).json", Kind.EXPORTED),
        ("IMG_1(1).JPG", "IMG_1.JPG.supplemental-metadata(1).json", Kind.EXPORTED),
        (f"{'x' * 44}.jpg", f"{'x' * 44}.j.json", Kind.EXPORTED),
        ("Caf\u00e9.jpg", "Cafe\u0301.xmp", Kind.SIDECAR),
    ],
)
def test_a_file_with_the_photos_name_belongs_to_it(photo, companion, kind):
    (found,) = PhotoFolder([photo, companion, "IMG_2.JPG"]).of(photo)
    assert (found.name, found.kind) == (companion, kind)


def test_no_other_file_belongs_to_it():
    names = (
        "IMG_10.xmp", "IMG.xmp", "IMG_1.txt", "IMG_1.HEIC", "IMG_1", "IMG_1.JPG.bak", "xmp",
        "IMG_1-edited.xmp", "metadata.json", "IMG_1.JPG.other.json", "IMG_1(1).JPG.json", ".xmp",
    )  # fmt: skip
    assert companions("IMG_1.JPG", *names) == []


def test_what_has_the_stem_belongs_to_all_photos_of_it_and_what_has_the_whole_name_to_one():
    names = ["IMG_1.HEIC", "IMG_1.JPG", "IMG_1.XMP", "IMG_1.HEIC.xmp", "IMG_1.CR2"]
    folder = PhotoFolder(names)
    both = ("IMG_1.HEIC", "IMG_1.JPG")
    assert [(one.name, one.photos) for one in folder.of("IMG_1.JPG")] == [
        ("IMG_1.CR2", both), ("IMG_1.XMP", both),
    ]  # fmt: skip
    assert [one.name for one in folder.of("IMG_1.HEIC")] == [
        "IMG_1.CR2", "IMG_1.HEIC.xmp", "IMG_1.XMP",
    ]  # fmt: skip


def test_a_raw_file_without_a_picture_has_companions_of_its_own():
    assert companions("IMG_1.CR2", "IMG_1.xmp", "IMG_1.CR2.xmp") == ["IMG_1.CR2.xmp", "IMG_1.xmp"]


@pytest.mark.parametrize(
    ("companion", "there"),
    [
        ("a.xmp", "b.xmp"),
        ("A.XMP", "b.XMP"),
        ("a.jpg.xmp", "b.png.xmp"),
        ("a.CR2", "b.CR2"),
        ("a.CR2.xmp", "b.CR2.xmp"),
        ("a.jpg.supplemental-metadata.json", "b.json"),
    ],
)
def test_what_is_carried_gets_the_name_of_the_photo_it_is_carried_to(companion, there):
    assert name_beside(companion, "a.jpg", "b.png") == there
    assert PhotoFolder(["b.png", there]).of("b.png")[0].name == there
