"""Drawings are shown at one size, and lead nowhere out of their file."""

import base64
import gzip
import http.server
import io
import sys
import threading

import numpy as np
import pytest
from PIL import Image

import zoo
from fastdup.errors import ImageError, Reason
from fastdup.images import decode, is_decodable, sniff, svg_references
from fastdup.images.svg_cleaning import clean_svg
from fastdup.images.svg_head import is_svg

pytest.importorskip("resvg_py")

BLUE, RED = (0, 0, 255), (255, 0, 0)
GROUND = f'<rect width="{zoo.WIDTH}" height="{zoo.HEIGHT}" fill="blue"/>'
XLINK = "http://www.w3.org/1999/xlink"


def shown(content, **options):
    return decode(zoo.svg(content, **options).encode())


def colours(picture):
    return {colour for _, colour in picture.image.getcolors(2**24)}


def failure_of(text):
    with pytest.raises(ImageError) as failure:
        decode(text.encode())
    return failure.value


@pytest.fixture
def red_file(tmp_path):
    path = tmp_path / "red.png"
    Image.new("RGB", (9, 9), RED).save(path)
    return path


@pytest.fixture
def server():
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        server.asked = asked
        yield server
        server.shutdown()


LEADING_OUT = [
    '<image width="48" height="32" href="{0}"/>',
    '<image width="48" height="32" a:href="{0}" xmlns:a="' + XLINK + '"/>',
    '<image width="48" height="32" HREF="{0}" href="{0}"/>',
    '<use href="{0}#a"/>',
    '<filter id="f"><feImage href="{0}"/></filter><rect width="48" height="32" filter="url(#f)"/>',
    '<g xml:base="{0}"><image width="48" height="32" href="{0}"/></g>',
    '<style>@import url({0}); @import "{0}";</style>',
    '<style>@font-face {{ font-family: A; src: url({0}) }}</style><text font-family="A">x</text>',
    "<style>g {{ fill: url('{0}') }} \\75 rl({0})</style>",
    '<rect width="9" height="9" style="fill:url({0}#a) blue"/>',
    '<script href="{0}">image("{0}")</script>',
    '<foreignObject width="48" height="32"><img xmlns="" src="{0}"/></foreignObject>',
]


@pytest.mark.parametrize("content", LEADING_OUT)
def test_no_file_and_no_address_is_read_through_a_drawing(content, red_file, server):
    address = f"http://127.0.0.1:{server.server_port}/red.png"
    for place in (str(red_file), red_file.as_uri(), red_file.name, address):
        text = zoo.svg(GROUND + content.format(place))
        is_written_in_code = "\\75" in content
        assert is_written_in_code or place not in clean_svg(text.encode(), 768).text
        assert RED not in colours(decode(text.encode()))
    assert not server.asked


def test_a_drawing_within_a_drawing_leads_nowhere_either(red_file):
    inner = zoo.svg(f'<image width="48" height="32" href="{red_file}"/>').encode()
    for kind in ("image/svg+xml", "text/plain", "image/png"):
        address = f"data:{kind};base64,{base64.b64encode(inner).decode()}"
        picture = shown(f'{GROUND}<image width="48" height="32" href="{address}"/>')
        assert colours(picture) == {BLUE}


def test_a_file_that_an_entity_names_is_not_read(tmp_path):
    (tmp_path / "secret").write_text("secret words")
    for declared in (f'SYSTEM "{tmp_path}/secret"', f'PUBLIC "x" "file://{tmp_path}/secret"'):
        text = f"<!DOCTYPE svg [<!ENTITY a {declared}>]>" + zoo.svg(f"<text>&a;</text>{GROUND}")
        assert "secret words" not in clean_svg(text.encode(), 768).text


def test_entities_that_grow_are_refused():
    declared = '<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">'
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    failure = failure_of(f"<!DOCTYPE svg [{declared}]>" + zoo.svg("<text>&i;</text>"))
    assert failure.reason is Reason.TOO_LARGE
    one = f'<!DOCTYPE svg [<!ENTITY a "{"a" * 200_000}">]>'
    failure_of(one + zoo.svg("<text>" + "&a;" * 1000 + "</text>"))


def test_groups_that_draw_others_a_billion_times_are_refused():
    groups = [f'<g id="g0">{GROUND}</g>']
    groups += [f'<g id="g{n}">' + f'<use href="#g{n - 1}"/>' * 10 + "</g>" for n in range(1, 10)]
    assert failure_of(zoo.svg("".join(groups))).reason is Reason.TOO_LARGE
    painted = '<pattern id="p"><rect fill="url( #p )"/></pattern>'
    assert BLUE in colours(shown(painted + GROUND))  # what shows itself is not drawn


def test_more_elements_than_any_drawing_has_are_refused(monkeypatch):
    monkeypatch.setattr(svg_references, "MOST_DRAWN", 1000)
    clean_svg(zoo.svg("<g/>" * 999).encode(), 768)
    with pytest.raises(ImageError) as failure:
        clean_svg(zoo.svg("<g/>" * 1000).encode(), 768)
    assert failure.value.reason is Reason.TOO_LARGE


def test_elements_nested_without_end_are_refused():
    assert failure_of(zoo.svg("<g>" * 9000 + "</g>" * 9000)).reason is Reason.TOO_LARGE


def test_a_compressed_file_that_grows_without_end_is_refused():
    packed = gzip.compress(zoo.svg(" " * 2**27).encode())
    with pytest.raises(ImageError) as failure:
        decode(packed)
    assert failure.value.reason is Reason.TOO_LARGE


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ('width="40" height="20"', (768, 384)),
        ('width="1000000000" height="500000000"', (768, 384)),
        ('width="1cm" height="2cm"', (384, 768)),
        ('width="100%" height="100%" viewBox="0 0 4 2"', (768, 384)),
        ('viewBox="0,0,2,4"', (384, 768)),
        ('width="40" viewBox="0 0 4 2"', (768, 384)),
        ('height="1e3px" viewBox="0 0 4 2"', (768, 384)),
        ("", (768, 384)),
        ('width="1" height="1000" style="width:100000px"', (1, 768)),
    ],
)
def test_a_drawing_is_shown_at_one_size_in_its_proportions(size, expected):
    text = f'<svg xmlns="{zoo.SVG_NAMESPACE}" {size}><style>svg {{ width: 100000px }}</style>'
    text += '<rect width="100%" height="100%"/></svg>'
    picture = decode(text.encode())
    assert (picture.width, picture.height) == expected


@pytest.mark.parametrize("size", ['width="0" height="4"', 'width="-1" height="1e999"'])
def test_a_drawing_without_a_size_is_bad_or_of_the_usual_size(size):
    text = f'<svg xmlns="{zoo.SVG_NAMESPACE}" {size}>{GROUND}</svg>'
    assert failure_of(text).reason is Reason.DECODE_ERROR


def test_words_are_drawn_in_whatever_font_there_is():
    pictures = [
        np.asarray(shown(f'<text y="20" font-size="9" font-family="{name}">{words}</text>').image)
        for name in ("", "No Such Family", "monospace")
        for words in ("2041", "2042")
    ]
    for one, other in zip(pictures[::2], pictures[1::2], strict=True):
        assert (one != other).any()


def test_noise_of_a_billion_octaves_takes_no_longer_than_that_of_ten():
    noise = '<filter id="f"><feTurbulence baseFrequency="0.1" numOctaves="{}"/></filter>'
    drawn = '<rect width="4" height="4" filter="url(#f)"/>'
    pictures = [shown(noise.format(n) + drawn).pixels for n in (10, 10**9)]
    np.testing.assert_array_equal(*pictures)


def test_filters_that_take_long_are_drawn_smaller():
    grown = '<filter id="f"><feMorphology operator="dilate" radius="1"/></filter>'
    picture = shown(f'{grown}<rect width="4" height="4" filter="url(#f)"/>')
    assert (picture.width, picture.height) == (256, 171)


def test_white_lines_on_nothing_show():
    assert len(colours(shown('<path d="M2 2h30v20" stroke="white" fill="none"/>'))) > 1


@pytest.mark.parametrize(
    "text",
    [
        "<html><!-- --><svg/></html>",
        "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><svg/></html>",
        "<!-- <svg> --><p>",
        "<!doctype html><svg>",
        "<svgs/>",
        "svg",
        "<!-- " + "<svg> " * 500,
    ],
)
def test_what_only_mentions_a_drawing_is_none(text):
    assert not is_svg(text.encode())


def test_a_drawing_behind_a_long_comment_is_known_by_its_whole():
    text = f"<!-- {'licence ' * 400} -->" + zoo.svg(GROUND)
    assert sniff(text.encode()[:1024]) is None
    assert colours(decode(text.encode())) == {BLUE}


def test_a_packed_text_is_no_drawing():
    packed = io.BytesIO()
    with gzip.open(packed, "w") as file:
        file.write(b"a text about <svg> and others")
    assert not is_svg(packed.getvalue())
    assert not is_svg(packed.getvalue()[:12])
    assert not is_svg(b"\x1f\x8b\x08" + bytes(60))


def test_without_the_extra_the_line_to_type_is_named(monkeypatch):
    monkeypatch.delitem(sys.modules, "fastdup.images.svg_decoder", raising=False)
    monkeypatch.setitem(sys.modules, "resvg_py", None)  # as if it were not installed
    failure = failure_of(zoo.svg(GROUND))
    assert failure.reason is Reason.UNSUPPORTED
    assert "pip install resvg_py" in str(failure)
    assert not is_decodable(str(failure))


def test_what_an_earlier_version_refused_is_decodable_now():
    assert is_decodable("SVG files cannot be decoded: drawings have no pixels")
