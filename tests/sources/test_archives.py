import bz2
import gzip
import io
import logging
import lzma
import os
import pickle
import random
import resource
import struct
import tarfile
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from fastdup.errors import ImageError, Reason, SourceError
from fastdup.sources import UNREACHABLE
from fastdup.sources.containers.archives import archive_reader, forward_stream
from packed import tar_of, zip_of

MEMBERS = [("b/2.jpg", b"two"), ("a.jpg", b"one"), ("b/c/3.jpg", b"three" * 1000), ("empty", b"")]
METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
MODES = {"x.tar": "w", "x.tgz": "w:gz", "x.tar.gz": "w:gz", "x.tar.bz2": "w:bz2", "x.TXZ": "w:xz"}


def contents(source, below):
    """Return (name below, bytes or reason) of all that is listed."""
    found = []
    for uri in source.uris():
        try:
            data = source.read(uri)
        except ImageError as exc:
            data = exc.reason
        found.append((os.path.relpath(uri, below) if uri != str(below) else "", data))
    return found


def failure(source, uri):
    with pytest.raises(ImageError) as caught:
        source.read(uri)
    return caught.value


@pytest.mark.parametrize(("name", "mode"), MODES.items())
def test_a_tar_is_read_where_it_is(tmp_path, opened, name, mode):
    path = str(tar_of(tmp_path / name, MEMBERS, mode))
    source = opened(path)
    assert list(source.uris()) == [f"{path}/{member}" for member, _ in MEMBERS]
    assert contents(source, path) == MEMBERS
    assert source.stamp(f"{path}/a.jpg") == (3, os.stat(path).st_mtime_ns)
    assert source.read(f"{path}/b/c/3.jpg", 4) == b"thre"
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize("method", METHODS)
def test_a_zip_is_read_where_it_is(tmp_path, opened, method):
    path = str(zip_of(tmp_path / "x.zip", MEMBERS, method))
    source = opened(path)
    assert contents(source, path) == MEMBERS
    assert source.stamp(f"{path}/a.jpg").size_bytes == 3
    assert source.read(f"{path}/b/c/3.jpg", 4) == b"thre"
    assert list(source.uris()) == list(source.uris())


@pytest.mark.parametrize("method", METHODS)
def test_a_large_member_of_a_zip_is_unpacked_piece_by_piece(tmp_path, opened, method):
    data = random.Random(1).randbytes(1_500_000) + bytes(3_000_000) + b"end"
    path = zip_of(tmp_path / "x.zip", [("a.jpg", b"first"), ("large.jpg", data)], method)
    source = opened(str(path))
    assert source.read(f"{path}/large.jpg") == data
    for n_bytes in (1, 1_499_999, 1_500_001, len(data) - 1, len(data), len(data) + 1):
        assert source.read(f"{path}/large.jpg", n_bytes) == data[:n_bytes]


class Pipe(io.BytesIO):
    """Cannot be sought, as what is written through a pipe."""

    def seekable(self):
        return False

    def seek(self, *_):
        raise io.UnsupportedOperation


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("is_zip64", [False, True])
@pytest.mark.parametrize("kind", [io.BytesIO, Pipe])
def test_zips_with_64_bit_sizes_and_with_sizes_after_the_data_are_read(
    tmp_path, opened, method, is_zip64, kind
):
    path, packed = tmp_path / "x.zip", kind()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, data in MEMBERS:
            with archive.open(name, "w", force_zip64=is_zip64) as file:
                file.write(data)
    path.write_bytes(packed.getvalue())
    assert bool(zipfile.ZipFile(path).infolist()[0].flag_bits & 8) == (kind is Pipe)
    assert contents(opened(str(path)), path) == MEMBERS


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_tar_compressed_in_several_pieces_is_read_to_the_end(tmp_path, opened, pack):
    data = tar_of(tmp_path / "plain", MEMBERS).read_bytes()
    path = tmp_path / "x.tgz"  # the content says how it is packed
    path.write_bytes(b"".join(pack(data[i : i + 700]) for i in range(0, len(data), 700)))
    assert contents(opened(str(path)), path) == MEMBERS


def test_archives_in_folders_lists_and_python_lists_are_entered(tmp_path, opened):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a-1.jpg").write_bytes(b"file")
    (folder / "a.zip-not").write_bytes(b"file")
    tar_of(folder / "a.tar", MEMBERS[:1])
    zip_of(folder / "a.zip", MEMBERS[1:2])
    expected = ["a-1.jpg", "a.tar/b/2.jpg", "a.zip-not", "a.zip/a.jpg"]
    assert [os.path.relpath(u, folder) for u in opened(str(folder)).uris()] == expected
    (tmp_path / "files.txt").write_text("folder/a.tar\nfolder/a-1.jpg\nfolder/a.zip/a.jpg\n")
    listed = [os.path.relpath(u, folder) for u in opened(tmp_path / "files.txt").uris()]
    assert listed == ["a.tar/b/2.jpg", "a-1.jpg", "a.zip/a.jpg"]
    source = opened([folder / "a.zip", folder])
    assert contents(source, folder)[0] == ("a.zip/a.jpg", b"one")
    assert [os.path.relpath(u, folder) for u in source.uris()] == [expected[3], *expected[:3]]


def test_a_member_that_a_list_file_names_is_found_without_a_listing(tmp_path, opened):
    path = tar_of(tmp_path / "x.tgz", MEMBERS, "w:gz")
    source = opened([f"{path}/a.jpg", f"{path}/none.jpg"])
    assert source.read(f"{path}/a.jpg") == b"one"
    assert source.stamp(f"{path}/none.jpg") == UNREACHABLE
    assert failure(source, f"{path}/none.jpg").reason == Reason.NOT_FOUND


def test_a_range_in_braces_names_many_shards(tmp_path, opened):
    for i in range(8, 12):
        tar_of(tmp_path / f"shard-{i:03}.tar", [(f"{i}.jpg", b"x")])
    names = [f"shard-{i:03}.tar/{i}.jpg" for i in range(8, 12)]
    given = str(tmp_path / "shard-{008..011}.tar")
    (tmp_path / "shards.txt").write_text("shard-{008..011}.tar\n")
    for source in (opened(given), opened([given]), opened(str(tmp_path / "shards.txt"))):
        assert [os.path.relpath(u, tmp_path) for u in source.uris()] == names
    missing = list(opened(str(tmp_path / "shard-{010..012}.tar")).uris())[-1]
    assert missing == str(tmp_path / "shard-012.tar")  # listed, so that it ends among the bad


def test_two_ranges_are_combined_and_a_file_called_so_is_a_file(tmp_path, opened):
    (tmp_path / "{0..1}.jpg").write_bytes(b"x")
    assert contents(opened([tmp_path / "{0..1}.jpg"]), tmp_path) == [("{0..1}.jpg", b"x")]
    names = [os.path.basename(u) for u in opened([str(tmp_path / "{8..10}-{1..2}")]).uris()]
    assert names == ["8-1", "8-2", "9-1", "9-2", "10-1", "10-2"]


@pytest.mark.parametrize("given", ["{9..8}.tar", "{0..999999}{0..9}.tar"])
def test_a_range_that_makes_no_sense_is_refused(given, opened):
    with pytest.raises(SourceError, match=r"backwards or is too long .* \{000\.\.099\}"):
        opened(given)


def test_members_of_the_same_name_are_distinguished(tmp_path, opened):
    members = [("a.jpg", b"1"), ("a.jpg", b"2"), ("a.jpg#2", b"3"), ("./a.jpg", b"4")]
    expected = [("a.jpg", b"1"), ("a.jpg#2", b"2"), ("a.jpg#2#2", b"3"), ("a.jpg#3", b"4")]
    path = str(tar_of(tmp_path / "x.tar", members))
    source = opened(path)
    assert contents(source, path) == expected
    assert contents(source, path) == expected


def test_names_that_lead_out_stay_inside(tmp_path, opened):
    members = [("../../etc/passwd", b"1"), ("/etc/passwd", b"2"), ("a/./b//c.jpg", b"3")]
    names = ["%2E%2E/%2E%2E/etc/passwd", "etc/passwd", "a/b/c.jpg"]
    for path in (tar_of(tmp_path / "x.tar", members), zip_of(tmp_path / "x.zip", members)):
        found = contents(opened(str(path)), path)
        assert found == list(zip(names, (b"1", b"2", b"3"), strict=True))


def test_links_and_devices_in_a_tar_are_left_out_but_hard_links_are_files(tmp_path, opened, caplog):
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w") as tar:
        kinds = {
            "dir": tarfile.DIRTYPE,
            "link.jpg": tarfile.SYMTYPE,
            "dev.jpg": tarfile.CHRTYPE,
            "pipe.jpg": tarfile.FIFOTYPE,
        }
        for name, kind in kinds.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            tar.addfile(info)
        info = tarfile.TarInfo("a.jpg")
        info.size = 3
        tar.addfile(info, io.BytesIO(b"one"))
        for name, target in (("same.jpg", "./a.jpg"), ("out.jpg", "/etc/passwd")):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.LNKTYPE, target
            tar.addfile(info)
    with caplog.at_level(logging.INFO):
        assert contents(opened(str(path)), path) == [("a.jpg", b"one"), ("same.jpg", b"one")]
    assert "5 folders, links, hidden members or members of bins left out" in caplog.text


def test_links_and_folders_in_a_zip_are_left_out(tmp_path, opened):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("link.jpg")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.mkdir("folder")
        archive.writestr("folder/a.jpg", b"x")
    assert contents(opened(str(path)), path) == [("folder/a.jpg", b"x")]


def test_hidden_members_are_left_out_or_listed_when_asked(tmp_path, opened):
    names = ["__MACOSX/._a.jpg", "x/.b.jpg", "$RECYCLE.BIN/c.jpg", "a.jpg"]
    path = zip_of(tmp_path / "x.zip", [(name, b"y") for name in names])
    assert contents(opened(str(path)), path) == [("a.jpg", b"y")]
    assert len(contents(opened(str(path), include_hidden=True), path)) == 2
    assert len(contents(opened(str(path), include_system=True), path)) == 2
    everything = opened(str(path), include_hidden=True, include_system=True)
    assert len(contents(everything, path)) == 4


def test_names_of_any_encoding_are_listed(tmp_path, opened):
    tar = tar_of(tmp_path / "x.tar", [("é.jpg", b"x"), ("caf\udce9.jpg", b"y"), ("n\nl", b"z")])
    names = [name for name, _ in contents(opened(str(tar)), tar)]
    assert names == ["é.jpg", "caf\udce9.jpg", "n\nl"]
    path = zip_of(tmp_path / "x.zip", [("é.jpg", b"x"), ("XXXX.jpg", b"y"), ("ZZ.jpg", b"z")])
    # Names in UTF-8 without the flag that says so, and in the code page of old.
    data = path.read_bytes().replace(b"XXXX", "日".encode() + b"-").replace(b"ZZ", b"\x82\x8a")
    path.write_bytes(data)
    assert [n for n, _ in contents(opened(str(path)), path)] == ["é.jpg", "日-.jpg", "éè.jpg"]


def test_a_tar_cut_short_gives_what_is_before_the_cut(tmp_path, opened, caplog):
    members = [(f"{i}.jpg", random.Random(i).randbytes(20_000)) for i in range(9)]
    for name in ("x.tar", "x.tgz"):
        path = tar_of(tmp_path / name, members, MODES[name])
        os.truncate(path, 100_000)
        found = contents(opened(str(path)), path)
        n_good = len(found) - 2
        assert 4 <= n_good <= 5
        assert found == [*members[:n_good], (f"{n_good}.jpg", "truncated"), ("", "truncated")]
        assert f"{name} is damaged: after {n_good + 1} members" in caplog.text


def test_garbage_inside_a_tar_is_damage(tmp_path, opened):
    path = tar_of(tmp_path / "x.tar", [("a.jpg", b"1"), ("b.jpg", b"2")])
    data = bytearray(path.read_bytes())
    data[1024:1124] = b"garbage " * 12 + b"...."
    path.write_bytes(data)
    source = opened(str(path))
    assert contents(source, path) == [("a.jpg", b"1"), ("", "truncated")]
    detail = str(failure(source, str(path)))
    assert detail == "a damaged archive, after 1 members: bad checksum"
    assert source.stamp(str(path)).size_bytes == len(data)


def test_tars_joined_with_cat_are_read_to_the_end(tmp_path, opened):
    first, second = (tar_of(tmp_path / name, [(name, b"x")]).read_bytes() for name in "ab")
    (tmp_path / "x.tar").write_bytes(first + second)
    assert [n for n, _ in contents(opened(str(tmp_path / "x.tar")), tmp_path / "x.tar")] == [
        *("a", "b")
    ]


def test_a_zip_cut_short_gives_what_is_before_the_cut(tmp_path, opened):
    members = [(f"{i}.jpg", random.Random(i).randbytes(20_000)) for i in range(9)]
    path = zip_of(tmp_path / "x.zip", members)
    os.truncate(path, 100_000)
    assert contents(opened(str(path)), path) == [*members[:4], ("", "truncated")]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("start", [36, 46, 60, 100])
def test_damage_inside_a_zip_is_a_reason_of_its_member(tmp_path, opened, method, start):
    path = zip_of(tmp_path / "x.zip", [("a.jpg", bytes(range(256))), ("b.jpg", b"b")], method)
    data = bytearray(path.read_bytes())
    data[start : start + 10] = bytes(byte ^ 0x5A for byte in data[start : start + 10])
    path.write_bytes(data)
    source = opened(str(path))
    assert contents(source, path) == [("a.jpg", Reason.DECODE_ERROR), ("b.jpg", b"b")]
    assert "zip" in str(failure(source, f"{path}/a.jpg"))


@pytest.mark.parametrize("method", METHODS[1:])
def test_a_member_of_a_zip_that_ends_before_its_size_is_truncated(tmp_path, opened, method):
    path = zip_of(tmp_path / "x.zip", [("a.jpg", b"abc" * 100), ("b.jpg", b"b")], method)
    size, more = struct.pack("<I", 300), struct.pack("<I", 301)
    path.write_bytes(path.read_bytes().replace(size, more))
    source = opened(str(path))
    assert contents(source, path) == [("a.jpg", Reason.TRUNCATED), ("b.jpg", b"b")]
    assert source.read(f"{path}/a.jpg", 300) == b"abc" * 100


@pytest.mark.parametrize(
    ("method", "name"), [(9, "deflate64"), (93, "Zstandard"), (98, "PPMd"), (77, "method 77")]
)
def test_encrypted_and_unknown_members_of_a_zip_are_bad_with_a_reason(
    tmp_path, opened, method, name
):
    path = zip_of(tmp_path / "x.zip", [("a.jpg", b"secret"), ("b.jpg", b"b")])
    data = bytearray(path.read_bytes())
    directory = data.index(b"PK\1\2")
    data[directory + 8] |= 1  # encrypted
    second = data.index(b"PK\1\2", directory + 1)
    struct.pack_into("<H", data, second + 10, method)
    path.write_bytes(data)
    source = opened(str(path))
    failures = [failure(source, uri) for uri in source.uris()]
    assert [(f.reason, str(f)) for f in failures] == [
        (Reason.UNSUPPORTED, "encrypted in its zip"),
        (Reason.UNSUPPORTED, f"packed by {name} in its zip"),
    ]


def test_what_is_called_an_archive_and_is_none_is_a_file(tmp_path, opened):
    (tmp_path / "photo.zip").write_bytes(b"\xff\xd8\xff\xe0")
    (tmp_path / "empty.tar").write_bytes(b"")
    (tmp_path / "folder.tar").mkdir()
    (tmp_path / "folder.tar" / "a.jpg").write_bytes(b"x")
    assert contents(opened(str(tmp_path)), tmp_path) == [
        ("empty.tar", b""),
        ("folder.tar/a.jpg", b"x"),
        ("photo.zip", b"\xff\xd8\xff\xe0"),
    ]


def test_an_archive_of_before_1988_is_known_by_its_checksum(tmp_path, opened):
    path = tar_of(tmp_path / "x.tar", [("a.jpg", b"x")])
    data = bytearray(path.read_bytes())
    data[257:265] = bytes(8)
    data[148:156] = b"%06o\0 " % (sum(data[:148]) + 8 * 32 + sum(data[156:512]))
    path.write_bytes(data)
    assert contents(opened(str(path)), path) == [("a.jpg", b"x")]


def test_a_bomb_is_not_unpacked(tmp_path, opened, monkeypatch):
    monkeypatch.setattr(archive_reader, "MAX_UNPACKED_BYTES", 10_000)
    members = [("bomb.jpg", bytes(10_001)), ("a.jpg", b"x")]
    zips = (zip_of(tmp_path / f"{method}.zip", members, method) for method in METHODS)
    for path in (tar_of(tmp_path / "x.tgz", members, "w:gz"), *zips):
        source = opened(str(path))
        assert contents(source, path) == [("bomb.jpg", Reason.TOO_LARGE), ("a.jpg", b"x")]
        assert "10,001 bytes in a compressed archive" in str(failure(source, f"{path}/bomb.jpg"))
        assert source.read(f"{path}/bomb.jpg", 100) == bytes(100)


@pytest.mark.parametrize("method", METHODS[1:])
def test_a_zip_that_gives_more_than_it_says_gives_no_more(tmp_path, opened, method):
    path = zip_of(tmp_path / "x.zip", [("bomb.jpg", bytes(10**7))], method)
    data = path.read_bytes().replace(struct.pack("<I", 10**7), struct.pack("<I", 100))
    path.write_bytes(data)
    source = opened(str(path))
    assert contents(source, path) == [("bomb.jpg", Reason.DECODE_ERROR)]
    assert source.read(f"{path}/bomb.jpg", 50) == bytes(50)


def test_an_lzma_header_that_asks_for_gigabytes_gets_what_the_member_needs(tmp_path, opened):
    path = zip_of(tmp_path / "x.zip", [("a.jpg", b"abc" * 100)], zipfile.ZIP_LZMA)
    data = bytearray(path.read_bytes())
    start = data.index(b"a.jpg") + len(b"a.jpg") + 5  # after version, length and lc, lp, pb
    data[start : start + 4] = b"\xff" * 4
    path.write_bytes(data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert contents(opened(str(path)), path) == [("a.jpg", b"abc" * 100)]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KiB


def test_a_header_of_gigabytes_is_damage(tmp_path, opened):
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, 2**32
    first = tar_of(tmp_path / "first.tar", [("a.jpg", b"x")]).read_bytes()[:1024]
    with gzip.open(tmp_path / "x.tgz", "wb") as file:
        file.write(first + info.tobuf(tarfile.GNU_FORMAT) + bytes(10**6))
    source = opened(str(tmp_path / "x.tgz"))
    assert contents(source, tmp_path / "x.tgz") == [("a.jpg", b"x"), ("", "truncated")]
    assert "a header of 4,294,967,296 bytes" in str(failure(source, str(tmp_path / "x.tgz")))


def test_a_negative_size_does_not_lead_in_a_circle(tmp_path, opened):
    info = tarfile.TarInfo("a.jpg")
    info.size = -1024
    data = info.tobuf(tarfile.GNU_FORMAT) + bytes(1024)
    (tmp_path / "x.tar").write_bytes(data)
    assert len(contents(opened(str(tmp_path / "x.tar")), tmp_path / "x.tar")) <= 2


@pytest.mark.parametrize("mode", ["w", "w:gz"])
@pytest.mark.parametrize(
    "size", [b"\x80" + b"\xff" * 11, b"\xff" * 12, b"\x80\0\0\0\x7f" + b"\xff" * 7]
)
def test_a_member_of_an_impossible_size_is_damage(tmp_path, opened, mode, size):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name in ("a.jpg", "b.jpg"):
            tar.addfile(tarfile.TarInfo(name))
    header = bytearray(data.getvalue())
    header[512 + 124 : 512 + 136] = size
    header[512 + 148 : 512 + 156] = b" " * 8
    header[512 + 148 : 512 + 156] = b"%06o\0 " % sum(header[512:1024])
    path = tmp_path / ("a.tgz" if mode == "w:gz" else "a.tar")
    path.write_bytes(gzip.compress(header) if mode == "w:gz" else header)
    source = opened(str(path))
    uris = list(source.uris())
    assert uris[0] == f"{path}/a.jpg"
    assert uris[-1] == str(path)
    assert failure(source, str(path)).reason is Reason.TRUNCATED
    for uri in uris:  # a size that is only too large for the tar is that of a member cut short
        assert -(2**63) <= source.stamp(uri).size_bytes < 2**63


def test_members_of_a_zip_that_share_their_bytes_are_refused(tmp_path, opened):
    path = zip_of(tmp_path / "a.zip", [("good.jpg", b"good" * 100), ("b.jpg", bytes(10_000))])
    data = bytearray(path.read_bytes())
    start = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)  # of b.jpg in the directory
    end = data.index(b"PK\x05\x06")
    entry = bytes(data[start:end])
    copies = b"".join(entry.replace(b"b.jpg", b"%d.jpg" % number) for number in range(9))
    tail = bytearray(data[end:])
    struct.pack_into("<HH", tail, 8, 11, 11)
    struct.pack_into("<I", tail, 12, struct.unpack_from("<I", tail, 12)[0] + len(copies))
    path.write_bytes(data[:end] + copies + tail)
    source = opened(str(path))
    assert list(source.uris()) == [f"{path}/good.jpg", str(path)]
    assert "share their bytes" in str(failure(source, str(path)))


@pytest.mark.parametrize("name", ["a.zip", "a.tar.bz2", "a.tar.xz"])
def test_an_archive_is_not_unpacked_to_more_than_makes_sense(tmp_path, opened, monkeypatch, name):
    monkeypatch.setattr("fastdup.sources.containers.archives.members.LEAST_UNPACKED_BYTES", 2**20)
    monkeypatch.setattr("fastdup.sources.containers.archives.members.MOST_UNPACKED_RATIO", 1)
    members = [("a.jpg", b"x"), *((f"{number}.bin", bytes(2**20)) for number in range(4))]
    path = tmp_path / name
    if name == "a.zip":
        zip_of(path, members, zipfile.ZIP_BZIP2)
    else:
        tar_of(path, members, f"w:{name.rpartition('.')[2]}")
    source = opened(str(path))
    uris = list(source.uris())
    assert uris[0] == f"{path}/a.jpg"
    assert uris[-1] == str(path)
    assert len(uris) < 5
    assert "unpack" in str(failure(source, str(path)))


def with_holes(name, parts, size):
    """Return a member as GNU tar writes a file with holes, of at most four (start, bytes)."""
    info = tarfile.TarInfo(name)
    info.type, info.size = tarfile.GNUTYPE_SPARSE, sum(len(data) for _, data in parts)
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    places = b"".join(b"%011o\0%011o\0" % (start, len(data)) for start, data in parts)
    header[386 : 386 + len(places)] = places
    header[483:495] = b"%011o\0" % size
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + 8 * 32 + sum(header[156:]))
    packed = b"".join(data for _, data in parts)
    return bytes(header) + packed + bytes(-len(packed) % 512)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_file_with_holes_is_read_with_zeros_in_them(tmp_path, opened, pack):
    parts = [(512, b"first" * 100), (5000, b"second")]
    data = bytearray(7000)
    for start, part in parts:
        data[start : start + len(part)] = part
    path = tmp_path / "x.tar"
    member = with_holes("holes.jpg", parts, 7000)
    path.write_bytes(pack(member + member + bytes(1024)))
    with tarfile.open(path) as tar:
        assert tar.extractfile("holes.jpg").read() == data
    source = opened(str(path))
    assert contents(source, path) == [("holes.jpg", bytes(data)), ("holes.jpg#2", bytes(data))]
    assert source.read(f"{path}/holes.jpg", 5003) == data[:5003]
    assert source.read(f"{path}/holes.jpg", 100) == bytes(100)


def test_a_file_of_nothing_but_holes_does_not_fill_the_memory(tmp_path, opened):
    path = tmp_path / "x.tar"
    path.write_bytes(with_holes("holes.jpg", [], 2**32) + bytes(1024))
    assert contents(opened(str(path)), path) == [("holes.jpg", Reason.TOO_LARGE)]


def test_an_archive_that_changes_after_it_was_listed_gives_no_wrong_bytes(tmp_path, opened):
    path = tar_of(tmp_path / "x.tar", [("a.jpg", b"x")])
    source = opened(str(path))
    (uri,) = source.uris()
    tar_of(path, [("longer-name/" * 30, b""), ("a.jpg", b"y")])
    os.utime(path, ns=(1, 1))
    assert str(failure(source, uri)) == f"{path} was changed after it was listed: run again"
    path.unlink()
    assert failure(source, uri).reason == Reason.NOT_FOUND


@pytest.fixture
def small_window(monkeypatch):
    monkeypatch.setattr(forward_stream, "CHUNK_BYTES", 1000)
    monkeypatch.setattr(forward_stream, "LEAST_WINDOW_BYTES", 5000)


def test_a_compressed_tar_is_read_forward_once_by_threads_that_are_near(
    tmp_path, opened, monkeypatch
):
    members = [(f"{i:03}.jpg", random.Random(i).randbytes(i * 7)) for i in range(300)]
    path = tar_of(tmp_path / "x.tgz", members, "w:gz")
    n_opened = []
    real_open = forward_stream.ForwardFile.__init__
    monkeypatch.setattr(
        forward_stream.ForwardFile,
        "__init__",
        lambda *args: n_opened.append(1) or real_open(*args),
    )
    source = opened(str(path))
    uris = list(source.uris())
    batches = [uris[i : i + 8] for i in range(0, 300, 8)]
    with ThreadPoolExecutor(4) as pool:
        read = pool.map(lambda batch: [source.read(uri) for uri in batch], batches)
        assert [data for batch in read for data in batch] == [data for _, data in members]
    assert len(n_opened) == 2  # one for the listing, one for reading


def test_a_compressed_tar_can_be_read_in_any_order(tmp_path, opened, small_window):
    members = [(f"{i:03}.jpg", random.Random(i).randbytes(i * 37 % 3000)) for i in range(100)]
    path = tar_of(tmp_path / "x.tgz", members, "w:gz")
    source = opened(str(path))
    shuffled = random.Random(1).sample(members, len(members))
    for name, data in shuffled:
        assert source.read(f"{path}/{name}") == data


def test_few_compressed_tars_are_open_at_a_time(tmp_path, opened):
    members = [(f"{i}.jpg", bytes([i]) * 100) for i in range(5)]
    paths = [tar_of(tmp_path / f"{i}.tgz", members, "w:gz") for i in range(9)]
    source = opened(list(map(str, paths)))
    for name, data in members:
        for path in paths:
            assert source.read(f"{path}/{name}") == data
    names = [os.path.realpath(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd")]
    assert sum(name.endswith(".tgz") for name in names) == archive_reader.MAX_STREAMS


def test_one_archive_is_listed_once_by_many_threads(tmp_path, opened):
    path = tar_of(tmp_path / "x.tgz", MEMBERS, "w:gz")
    source = opened([f"{path}/a.jpg"])
    barrier = threading.Barrier(8)

    def read(_):
        barrier.wait()
        return source.read(f"{path}/a.jpg")

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(8))) == [b"one"] * 8


def test_a_copy_in_another_process_reads_what_the_original_reads(tmp_path, opened):
    path = tar_of(tmp_path / "x.tgz", MEMBERS, "w:gz")
    source = opened(str(path))
    list(source.uris())
    copy = pickle.loads(pickle.dumps(source.reader))
    assert copy.read(f"{path}/a.jpg") == b"one"
    copy.close()
