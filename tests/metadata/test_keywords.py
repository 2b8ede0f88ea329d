"""Keywords are read from XMP and IPTC, whatever is in there."""

import struct

import pytest

from camera_files import saved, xmp
from fastdup import images
from fastdup.metadata.keywords import read_keywords, read_xmp_keywords
from fastdup.metadata.xmp_packet import xmp_packet


def iptc_of(*keywords):
    """Return an IPTC block with a caption and keywords, as bytes."""
    sets = [(120, b"A caption"), *((25, keyword) for keyword in keywords)]
    return b"".join(struct.pack(">BBBH", 0x1C, 2, n, len(text)) + text for n, text in sets)


def photoshop(block):
    """Return the segment of a JPEG that holds an IPTC block."""
    name = b"8BIM" + struct.pack(">HH", 0x0404, 0) + struct.pack(">I", len(block)) + block
    data = b"Photoshop 3.0\0" + name + b"\0" * (len(block) % 2)
    return b"\xff\xed" + struct.pack(">H", len(data) + 2) + data


def test_the_keywords_of_a_photo_are_those_of_both_blocks():
    packet = xmp_packet({"keywords": ["sea", "Tromsø <north>"]})
    data = saved("JPEG", xmp=packet)
    data = data[:2] + photoshop(iptc_of(b"sea", "été".encode(), b"caf\xe9")) + data[2:]
    found = read_keywords(images.decode(data).header)
    assert found == ["sea", "Tromsø <north>", "été", "café"]


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"<x",
        xmp('xmp:Rating="3"'),
        xmp(elements="<dc:subject xmlns:dc='http://purl.org/dc/elements/1.1/'/>"),
        xmp(elements="<a xmlns:dc='http://purl.org/dc/elements/1.1/'><rdf:li>no</rdf:li></a>"),
        b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + xmp_packet({"keywords": ["x"]})[57:],
    ],
)
def test_a_packet_without_keywords_has_none(packet):
    assert read_xmp_keywords(packet) == []


def test_an_endless_packet_is_read_to_a_limit():
    many = xmp_packet({"keywords": [f"word {n}" for n in range(30_000)]})
    assert len(read_xmp_keywords(many)) == 1000
