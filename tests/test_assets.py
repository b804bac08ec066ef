"""The files of the pages: named by their build, packed, and kept by browsers."""

from __future__ import annotations

import gzip
import re

import pytest
from taskpane_site import BookModel

from server.app import create_app
from server.assets import FOLDERS, Assets, assets
from server.config import Config

PACKED = {"Accept-Encoding": "br, gzip"}


@pytest.fixture(scope="module")
def client():
    """The service of this machine's own user."""
    return create_app(Config(), BookModel()).test_client()


@pytest.fixture
def page(tmp_path):
    """A folder with a page that loads what is beside it and from its neighbour."""
    (tmp_path / "icons").mkdir()
    (tmp_path / "icons" / "a.png").write_bytes(b"a")
    (tmp_path / "main.js").write_text('import "./other.js";')
    (tmp_path / "index.html").write_text(
        '<link href="../taskpane/theme.css"><script src="main.js"></script><a href="help.html">'
        '<img src="icons/a.png" srcset="icons/a.png 1x, icons/b.png 2x"><a href="https://a.b/c.js">'
    )
    return tmp_path


def test_a_page_names_its_files_by_their_build(page) -> None:
    """Scripts, styles and pictures, not pages or other sites; another file is another build."""
    found = Assets.read({"admin": page})
    base = f"../static/{found.build}"
    assert found.files["admin/index.html"].body.decode() == (
        f'<link href="{base}/taskpane/theme.css"><script src="{base}/admin/main.js"></script>'
        f'<a href="help.html"><img src="{base}/admin/icons/a.png" '
        f'srcset="{base}/admin/icons/a.png 1x, {base}/admin/icons/b.png 2x">'
        '<a href="https://a.b/c.js">'
    )
    assert Assets.read({"admin": page}).build == found.build
    (page / "icons" / "a.png").write_bytes(b"b")
    assert Assets.read({"admin": page}).build != found.build


@pytest.mark.parametrize("address", ["/taskpane/", "/admin/"])
def test_all_that_a_page_names_is_there_for_good(client, address) -> None:
    """What its html and its modules load answers, as something that may be kept."""
    text = client.get(address).get_data(as_text=True)
    links = re.findall(r'="\.\.(/static/[^" ]+)"', text)
    assert len(links) > 4
    assert not re.search(r'="[\w/-]+\.(js|css|png)', text)
    for link in links:
        answer = client.get(link)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (
            200,
            "public, max-age=31536000, immutable",
        )
        for name in re.findall(r'(?:from|import\()\s*"([^"]+)"', answer.data.decode("latin-1")):
            step = link.rsplit("/", 1)[0] + "/" + name
            parts = re.sub(r"/\./", "/", re.sub(r"/[^/]+/\.\./", "/", step))
            assert client.get(parts).status_code == 200, parts


def test_the_page_is_asked_for_again_and_is_mostly_the_same(client) -> None:
    """It is revalidated each time, packed and plain apart."""
    for headers in ({}, PACKED):
        first = client.get("/taskpane/", headers=headers)
        assert first.headers["Cache-Control"] == "no-cache"
        same = client.get("/taskpane/", headers={**headers, "If-None-Match": first.headers["ETag"]})
        assert (same.status_code, same.data) == (304, b"")
        other = client.get("/taskpane/", headers={"If-None-Match": '"another"', **headers})
        assert other.status_code == 200
    assert client.get("/taskpane/").headers["ETag"] != first.headers["ETag"]


def test_text_is_packed_for_those_who_read_that(client) -> None:
    """It is the same text; pictures and others who ask get it as it is."""
    plain = client.get("/taskpane/main.js")
    packed = client.get("/taskpane/main.js", headers=PACKED)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < 0.5 * len(plain.data)
    refused = client.get("/taskpane/main.js", headers={"Accept-Encoding": "gzip;q=0"})
    assert refused.data == plain.data
    icon = client.get("/taskpane/icons/icon-32.png", headers=PACKED)
    assert "Content-Encoding" not in icon.headers


def test_another_build_gets_what_there_is_and_keeps_nothing(client) -> None:
    """A page of the last version goes on working while instances are exchanged."""
    answer = client.get("/static/0123456789ab/taskpane/main.js")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


@pytest.mark.parametrize(
    "path", ["taskpane/nothing.js", "taskpane/../app.py", "app.py", "taskpane/", "/etc/passwd"]
)
def test_nothing_else_is_served(client, path) -> None:
    """Only the files that were there when the service started."""
    for base in (f"/static/{assets().build}/", "/taskpane/", "/admin/"):
        answer = client.get(base + path)
        assert answer.status_code in (404, 308), base + path
        assert answer.headers["Cache-Control"] == "no-store"


def test_all_files_are_known() -> None:
    """Both folders as they are on the disk."""
    on_disk = {
        f"{name}/{path.relative_to(folder).as_posix()}"
        for name, folder in FOLDERS.items()
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert set(assets().files) == on_disk
