"""What is written to a sidecar is read back as it was."""

import pytest

from fastdup.metadata.xmp import read_xmp
from fastdup.metadata.xmp_packet import xmp_packet

VALUES = {
    "taken": "2019-07-14T12:33:01.25+02:00",
    "camera": 'A "camera" of <Müller & Söhne>',
    "lens": "AF-S 50mm f/1.8G",
    "latitude": 48.136667,
    "longitude": -11.568056,
    "rating": 3,
}


def test_a_packet_is_read_back_as_it_was_written():
    found = read_xmp(xmp_packet(VALUES))
    assert found == VALUES | {
        "software": "",
        "latitude": pytest.approx(VALUES["latitude"], abs=1e-7),
        "longitude": pytest.approx(VALUES["longitude"], abs=1e-7),
    }


@pytest.mark.parametrize("degrees", [0.0, 59.9999999, -0.000001, 33.0, -179.999999, 89.99999999])
def test_degrees_are_read_back_wherever_they_are(degrees):
    found = read_xmp(xmp_packet({"latitude": degrees / 2, "longitude": degrees or 1.0}))
    assert found["latitude"] == pytest.approx(degrees / 2, abs=1e-7)
    assert found["longitude"] == pytest.approx(degrees or 1.0, abs=1e-7)


def test_a_rejected_picture_and_one_of_which_only_the_day_is_known_are_written():
    assert read_xmp(xmp_packet({"rating": -1}))["rating"] == -1
    assert read_xmp(xmp_packet({"taken": "2019-07-14"}))["taken"] == "2019-07-14"
