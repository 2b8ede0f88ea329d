"""Files of several frames are copies when all frames that are looked at agree."""

import pytest
from PIL import Image, ImageDraw

import fastdup
import zoo
from fastdup.judging.open_pictures import PictureFile
from fastdup.judging.pair_judge import JudgeTask, PairJudge
from fastdup.sources import UriReader
from fastdup.verify import Verdict
from pictures import photo

BLACK = Image.new("RGB", (320, 240))


def shots(*numbers):
    return [photo(number).resize((320, 240)) for number in numbers]


@pytest.fixture
def save(tmp_path):
    def save(name, frames, **options):
        path = tmp_path / name
        kind = {"webp": "WEBP", "png": "PNG", "gif": "GIF", "tif": "TIFF"}[name.split(".")[1]]
        options = {} if kind == "TIFF" else {"duration": 100, **options}
        path.write_bytes(
            zoo.encode(frames[0], kind, save_all=True, append_images=frames[1:], **options)
        )
        return PictureFile(str(path), UriReader().stamp(str(path)))

    return save


def find(*files):
    return PairJudge(UriReader(), 10**7)(JudgeTask(0, (files,))).findings[0]


def test_an_animation_in_another_format_is_the_same_picture(save):
    frames = [BLACK, *shots(0, 1, 2)]
    files = [save(name, frames, **o) for name, o in (("a.webp", {"quality": 95}), ("a.png", {}))]
    assert find(*files).verdict is Verdict.SAME_PICTURE
    found = find(save("a.gif", frames), files[1])
    assert found.verdict in (Verdict.SAME_PICTURE, Verdict.EDITED)


def pan(number, n=8):
    picture = photo(number).resize((480, 360))
    return [picture.crop((4 * step, 3 * step, 4 * step + 320, 3 * step + 240)) for step in range(n)]


def test_spots_of_few_colours_in_a_few_frames_are_noise_but_a_dot_in_another_format_is_not(save):
    frames = pan(0)
    spotted = [frame.copy() for frame in frames]
    ImageDraw.Draw(spotted[3]).ellipse((100, 100, 107, 107), fill="red", outline="white")
    plain = save("a.png", frames)
    assert find(plain, save("b.gif", spotted)).verdict is Verdict.SAME_PICTURE
    assert find(plain, save("b.png", spotted)).verdict is not Verdict.SAME_PICTURE
    many = [*frames[:2], *[frames[2].copy() for _ in range(6)]]
    for frame in many[2:]:
        ImageDraw.Draw(frame).ellipse((100, 100, 107, 107), fill="red", outline="white")
    assert find(plain, save("c.gif", many)).verdict is not Verdict.SAME_PICTURE


def test_animations_that_begin_alike_and_go_on_otherwise_are_no_copies(save):
    one, other = save("a.png", [BLACK, *shots(0, 1)]), save("b.png", [BLACK, *shots(2, 3)])
    assert find(one, other).verdict is Verdict.LOOK_ALIKE
    half = save("c.png", [BLACK, *shots(0, 3)])
    assert find(one, half).verdict in (Verdict.ALTERED, Verdict.LOOK_ALIKE)


def test_a_still_is_a_part_of_its_animation(save):
    moving = save("a.png", shots(0, 1, 2))
    still = save("b.png", [shots(1)[0].resize((640, 480))])
    found = find(moving, still)
    assert found.verdict is Verdict.PART_OF
    assert found.kinds[-1] == "one frame"
    back = find(still, moving)
    assert back.verdict is Verdict.PART_OF
    assert back.kinds[-1] == "several frames"
    assert find(moving, save("c.png", shots(5))).verdict is Verdict.LOOK_ALIKE


def test_pages_that_are_the_first_ones_of_a_document_are_a_part_of_it(save):
    whole, begun = save("a.tif", shots(0, 1, 2)), save("b.tif", shots(0, 1))
    assert find(whole, save("c.tif", shots(0, 1, 2)[:2] + shots(2))).verdict is Verdict.SAME_BYTES
    assert find(whole, begun).verdict is Verdict.PART_OF
    assert find(whole, save("d.tif", shots(0, 1, 3))).verdict is Verdict.ALTERED
    assert find(whole, save("e.tif", shots(4, 1, 3))).verdict is Verdict.LOOK_ALIKE


def test_a_run_finds_the_still_of_a_late_frame_and_clean_takes_neither(save, tmp_path):
    marked = shots(4)[0]
    ImageDraw.Draw(marked).rectangle((10, 10, 60, 40), fill="red")
    moving = save("moving.webp", [*shots(0, 1, 2, 3), marked], quality=95)
    still = save("still.png", [marked.resize((960, 720))])
    for number in range(6, 12):
        save(f"{number}.png", shots(number))
    out = tmp_path / "out"
    assert fastdup.run(tmp_path, out) == 0
    text = (out / "verdicts.csv").read_text()
    row = next(line for line in text.splitlines() if "moving" in line and "still" in line)
    assert ",part_of," in row
    plan = (out / "clean-plan.csv").read_text() if fastdup.clean(out, also=("part_of",)) else ""
    assert not [line for line in plan.splitlines() if "remove" in line and moving.uri in line]
    assert still.uri in text


def test_animations_of_many_frames_that_differ_in_one_of_them_are_no_copies(save):
    frames = pan(0, 31)
    other = [*frames[:17], photo(5).resize((320, 240)), *frames[18:]]
    plain = save("a.png", frames)
    assert find(plain, save("b.png", other)).verdict is Verdict.ALTERED
    assert find(plain, save("c.webp", frames, quality=90)).verdict is Verdict.SAME_PICTURE


def test_animations_of_plain_frames_in_other_colours_are_no_copies(save):
    one, other = ([BLACK, Image.new("RGB", BLACK.size, colour)] for colour in ("red", "blue"))
    first = save("a.png", one)
    assert find(first, save("b.png", other)).verdict not in (
        Verdict.SAME_PICTURE,
        Verdict.SAME_PIXELS,
    )
    still = save("c.png", [BLACK])
    assert find(first, still).verdict not in (Verdict.SAME_PICTURE, Verdict.SAME_PIXELS)


def test_documents_of_many_pages_that_differ_in_one_are_no_copies(save):
    pages = [photo(number % 7).resize((160, 120)).rotate(number) for number in range(40)]
    other = [*pages[:11], photo(8).resize((160, 120)), *pages[12:]]
    found = find(save("a.tif", pages), save("b.tif", other))
    assert found.verdict is Verdict.ALTERED


def test_a_picture_of_a_file_of_several_is_a_part_of_it(save, tmp_path):
    first, second = (photo(number) for number in (0, 1))
    path = tmp_path / "two.jpg"
    path.write_bytes(zoo.encode(first, "MPO", save_all=True, append_images=[second]))
    both = PictureFile(str(path), UriReader().stamp(str(path)))
    found = find(save("a.png", [first.resize((1280, 960))]), both)
    assert found.verdict is Verdict.PART_OF
    assert found.kinds[-1] == "several frames"


def test_a_preview_in_a_file_is_no_picture_of_its_own(save, tmp_path):
    picture = photo(0)
    path = tmp_path / "previewed.jpg"
    preview = picture.resize((160, 120))
    path.write_bytes(zoo.encode(picture, "MPO", save_all=True, append_images=[preview]))
    previewed = PictureFile(str(path), UriReader().stamp(str(path)))
    assert find(save("a.png", [picture]), previewed).verdict is Verdict.SAME_PICTURE
