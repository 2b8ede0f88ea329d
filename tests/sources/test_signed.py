import pytest

import fastdup
from fastdup.sources.signed import without_secrets
from s3_server import FaultyProxy

HIDDEN = [
    ("X-Amz-Algorithm=A&X-Amz-Credential=C%2F1&X-Amz-Signature=ab12", "C%2F1", "ab12"),
    ("X-Amz-Security-Token=tok/en==&id=7", "tok/en=="),
    ("Expires=1&Signature=s%2B&Key-Pair-Id=K1&Policy=P_", "s%2B", "K1", "P_"),
    ("sv=2024&sig=abc%3D&se=2030", "abc%3D"),
    ("GoogleAccessId=me@x&x-goog-signature=77aa", "me@x", "77aa"),
    ("access_token=t0p&api_key=k3y&KEY=q", "t0p", "k3y", "=q"),
]


@pytest.mark.parametrize(("query", "secrets"), [(case[0], case[1:]) for case in HIDDEN])
def test_what_gives_access_is_no_part_of_a_name(query, secrets):
    name = without_secrets(f"https://host/a.jpg?{query}#part")
    assert not [secret for secret in secrets if secret in name]
    assert [pair.partition("=")[0] for pair in name.partition("?")[2].split("&")] == [
        pair.partition("=")[0] for pair in query.split("&")
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("https://host/a.jpg", "http://host/image?id=1&monkey=2", "https://host/key=1/sig=2.jpg"),
        *("s3://bucket/a?sig=1&token=2", "/photos/a?token=1.jpg"),
    ],
)
def test_all_other_names_stay_as_they_are(name):
    assert without_secrets(name) == name


def test_no_result_file_holds_a_signature(photos, tmp_path, s3):
    with FaultyProxy(0, lambda *_: "404") as web:
        lines = [f"{web.endpoint}/{i}.jpg?id={i}&X-Amz-Signature=secret{i}" for i in range(2)]
        (tmp_path / "files.txt").write_text("\n".join([str(photos / "00.jpg"), *lines]))
        for given in (tmp_path / "files.txt", [photos / "00.jpg", *lines]):
            out = tmp_path / type(given).__name__
            assert fastdup.run(given, out) == 0
            bad = (out / "features.bad.csv").read_text()
            assert f"{web.endpoint}/1.jpg?id=1&X-Amz-Signature=…" in bad
            assert not [path for path in out.iterdir() if b"secret" in path.read_bytes()]
