"""Manifests: rendered for an organisation, right by our own checks, and broken ones refused."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from addin_manifest.check import check_file, check_json, check_xml
from addin_manifest.config import ManifestConfig
from addin_manifest.icons import COLOUR, FOLDER, OUTLINE, SIZES, draw_icon, write_icons
from addin_manifest.package import build_package
from addin_manifest.problems import png_size
from addin_manifest.render import render_json, render_xml
from grammar.errors import ManifestError
from server.cli import main

CONFIG = ManifestConfig("https://cf.example.org", "Example & Sons", "https://example.org/help")
PANE = "https://cf.example.org/taskpane/?app=excel"
XML, JSON = render_xml(CONFIG), render_json(CONFIG)


def test_both_manifests_are_right() -> None:
    """What is rendered passes the checks, and carries the organisation's settings."""
    assert check_xml(XML) == []
    assert check_json(JSON) == []
    assert "Example &amp; Sons" in XML
    assert json.loads(JSON)["developer"]["name"] == "Example & Sons"
    assert CONFIG.id in XML
    assert json.loads(JSON)["id"] == CONFIG.id


@settings(max_examples=25, deadline=None)
@given(
    host=st.from_regex(r"[a-z]{1,20}\.example(:[1-9][0-9]{0,3})?(/[a-z]{1,8})?", fullmatch=True),
    provider=st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1),
    parts=st.lists(st.integers(0, 99999), min_size=3, max_size=4),
    environment=st.from_regex(r"[a-z][a-z0-9-]{0,5}", fullmatch=True),
)
def test_whatever_is_configured_is_right(
    host: str, provider: str, parts: list[int], environment: str
) -> None:
    """Every accepted setting makes two manifests without a problem."""
    version = ".".join(map(str, parts))
    config = ManifestConfig(
        f"https://{host}", provider[:32], version=version, environment=environment
    )
    assert check_xml(render_xml(config)) == []
    assert check_json(render_json(config)) == []


XML_FAULTS = {
    "no XML": ("</OfficeApp>", "", "xml: this is no XML"),
    "entities": ("<OfficeApp", '<!DOCTYPE a [<!ENTITY b "c">]><OfficeApp', "xml: this is no XML"),
    "another root": ('xsi:type="TaskPaneApp"', 'xsi:type="MailApp"', "root: the root is no"),
    "order": (
        "<DefaultLocale>en-US</DefaultLocale>",
        "",
        "missing: DefaultLocale is missing from OfficeApp",
    ),
    "swapped": (
        "<ProviderName>Example &amp; Sons</ProviderName>\n  <DefaultLocale>en-US</DefaultLocale>",
        "<DefaultLocale>en-US</DefaultLocale><ProviderName>E</ProviderName>",
        "order: in OfficeApp, ProviderName has to stand before DefaultLocale",
    ),
    "unknown": (
        "<Permissions>",
        "<ExtendedPermissions/><Permissions>",
        "unknown: OfficeApp may not hold ExtendedPermissions",
    ),
    "id": (CONFIG.id, "1234", "id: Id '1234' is no GUID"),
    "empty id": (CONFIG.id, str(uuid.UUID(int=0)), "id: Id '00000000-"),
    "version": ("1.0.0.0", "1.0-beta", "version: Version '1.0-beta' is not 1 to 4 numbers"),
    "http": (
        f'SourceLocation DefaultValue="{PANE}"',
        'SourceLocation DefaultValue="http://cf.example.org/taskpane/?app=excel"',
        "https: SourceLocation 'http://cf.example.org/taskpane/?app=excel' is no https address",
    ),
    "long name": (
        'DisplayName DefaultValue="CellFusion"',
        f'DisplayName DefaultValue="{"C" * 126}"',
        "length: DisplayName has 126 characters; at most 125",
    ),
    "no support": (
        '<SupportUrl DefaultValue="https://example.org/help"/>',
        "",
        "missing: SupportUrl is missing",
    ),
    "permissions": (
        "ReadWriteDocument",
        "ReadDocument",
        "permissions: Permissions is 'ReadDocument'",
    ),
    "host": ('Host Name="Workbook"', 'Host Name="Document"', "hosts: Hosts are ['Document']"),
    "set": ('MinVersion="1.9"', 'MinVersion="one"', "requirements: requirement set 'ExcelApi'"),
    "dangling": (
        'resid="Open.Tip"',
        'resid="Open.Tap"',
        "resid: Description names the resource 'Open.Tap', and there is none",
    ),
    "duplicate": ('id="Icon.20"', 'id="Icon.16"', "duplicate: the id 'Icon.16' is given 2 times"),
    "long id": ('id="CellFusion.Group"', f'id="{"G" * 33}"', "length: the id 'GGG"),
    "icon size": (
        "taskpane/icons/icon-80.png",
        "taskpane/icons/icon-64.png",
        "icon-size: Image 'Icon.80': icon-64.png is 64x64, not 80x80",
    ),
    "icon file": ("icon-24.png", "none.png", "icon-missing: Image 'Icon.24' names 'none.png'"),
    "icon type": ("icon-24.png", "icon-24.ico", "icon-type: Image 'Icon.24'"),
    "icon sizes": (
        '<bt:Image size="80" resid="Icon.80"/>',
        "",
        "icon-sizes: the icon of CellFusion.Open lacks 80 pixels",
    ),
    "odd size": (
        'size="20"',
        'size="21"',
        "icon-sizes: the icon of CellFusion.Open has 21 pixels, unknown",
    ),
    "foreign page": (
        f'id="Pane.Url" DefaultValue="{PANE}"',
        'id="Pane.Url" DefaultValue="https://elsewhere.example/"',
        "domain: 'elsewhere.example' is neither the source's host nor an AppDomain",
    ),
    "domain": (
        "<Hosts>\n    <Host Name",
        "<AppDomains><AppDomain>https://*.example.org/x</AppDomain></AppDomains><Hosts><Host Name",
        "domain: AppDomain 'https://*.example.org/x' is not https:// and a host alone",
    ),
    "own domain": (
        "<Hosts>\n    <Host Name",
        "<AppDomains><AppDomain>https://cf.example.org</AppDomain></AppDomains><Hosts><Host Name",
        "domain: AppDomain 'https://cf.example.org' is known already",
    ),
    "no button": ("Control", "Kontrol", "missing: there is no Control"),
    "no ribbon": ("VersionOverrides", "ExtendedOverrides", "missing: VersionOverrides is missing"),
}


@pytest.mark.parametrize("fault", XML_FAULTS)
def test_a_broken_xml_manifest_is_refused(fault: str) -> None:
    """Every fault is found, and said in words."""
    before, after, message = XML_FAULTS[fault]
    assert before in XML
    found = [str(problem) for problem in check_xml(XML.replace(before, after))]
    assert any(text.startswith(message) for text in found), found


JSON_FAULTS = {
    "no JSON": ("{", "[", "json: "),
    "missing": ('"validDomains"', '"domains"', "missing: validDomains is missing"),
    "id": (CONFIG.id, "1234", "id: Id '1234' is no GUID"),
    "version": ('"1.0.0"', '"1.0"', "version: version '1.0' is not three numbers"),
    "name": ('"CellFusion"', f'"{"C" * 31}"', "length: name.short has 31 characters"),
    "http": (PANE, PANE.replace("https", "http"), "https: runtimes.code.page"),
    "domain": ('"cf.example.org"', '"other.org"', "domain: 'cf.example.org' is not among"),
    "wildcard": ('"cf.example.org"', '"*.org"', "domain: validDomains has '*.org'"),
    "scope": ('"workbook"', '"mail"', "hosts: scopes are ['mail']"),
    "set": ('"ExcelApi"', '"MailApi"', "requirements: no capability ExcelApi"),
    "action": ('"actionId": "ShowPane"', '"actionId": "X"', "action: CellFusion.Open names"),
    "icon": ('"color.png"', '"outline.png"', "icon-size: icons.color: outline.png is 32x32"),
    "no icon": ('"color.png"', '"none.png"', "icon-missing: icons.color names 'none.png'"),
    "icon sizes": ('"size": 80', '"size": 64', "icon-sizes: the icon of CellFusion.Group lacks 80"),
    "permission": ("Document.ReadWrite.User", "Document.Read.User", "permissions: "),
    "colour": ("#107C41", "green", "colour: accentColor 'green'"),
    "form": ('"runtimes": [', '"runtimes": [1, ', "form: a part is not of the form"),
}


@pytest.mark.parametrize("fault", JSON_FAULTS)
def test_a_broken_unified_manifest_is_refused(fault: str) -> None:
    """Every fault is found, and said in words."""
    before, after, message = JSON_FAULTS[fault]
    assert before in JSON
    found = [str(problem) for problem in check_json(JSON.replace(before, after))]
    assert any(text.startswith(message) for text in found), found


@settings(max_examples=40, deadline=None)
@given(
    st.text(max_size=200)
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    ).map(json.dumps)
)
def test_anything_can_be_checked(text: str) -> None:
    """No text makes the check fail, and none passes by chance."""
    assert check_file(text)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"base_url": "http://cf.example.org"}, "base_url 'http://cf.example.org' is no https"),
        ({"base_url": "https://cf.example.org/?a=1"}, "has a query"),
        ({"base_url": "https://user@cf.example.org"}, "is no https address"),
        ({"id": "1234"}, "id '1234' is no GUID"),
        ({"version": "1.0"}, "version '1.0' is not of the form"),
        ({"provider": "P" * 33}, "is not 1 to 32 characters long"),
        ({"support_url": "mailto:help@example.org"}, "support_url 'mailto:help@example.org'"),
        ({"environment": "My Own"}, "environment 'My Own' is no short"),
    ],
)
def test_settings_that_office_refuses(settings: dict[str, str], message: str) -> None:
    """Settings are refused before anything is rendered."""
    with pytest.raises(ManifestError, match=message.replace("?", r"\?")):
        ManifestConfig(**({"base_url": "https://cf.example.org"} | settings))


def test_every_environment_has_its_own_id() -> None:
    """The same deployment keeps its id; another one has another, and says so in its name."""
    staging = ManifestConfig("https://cf.example.org/", environment="staging")
    assert staging.id == ManifestConfig("https://cf.example.org", environment="staging").id
    assert staging.id != ManifestConfig("https://cf.example.org").id
    assert staging.name == "CellFusion [staging]"


def test_the_icons_are_as_drawn(tmp_path: Path) -> None:
    """The committed icons have their sizes and are what the module draws."""
    for size in SIZES:
        assert png_size(FOLDER / f"icon-{size}.png") == (size, size)
        assert draw_icon(size).size == (size, size)
    assert png_size(FOLDER / COLOUR) == (192, 192)
    assert png_size(FOLDER / OUTLINE) == (32, 32)
    write_icons(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in FOLDER.iterdir()}
    assert png_size(Path(__file__)) is None


def test_the_package_is_what_is_uploaded() -> None:
    """A zip of the manifest and its two icons, the same at every time."""
    body = build_package(CONFIG)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert sorted(archive.namelist()) == [COLOUR, "manifest.json", OUTLINE]
        assert archive.read("manifest.json").decode() == JSON
    assert body == build_package(CONFIG)


def test_the_command_renders_and_checks(tmp_path: Path) -> None:
    """A rendered file passes the check; a broken one ends with status 1 and its reason."""
    run, file = CliRunner().invoke, tmp_path / "manifest.xml"
    url = ("--base-url", "https://cf.example.org")
    assert run(main, ["manifest", "render", *url, "--output", str(file)]).exit_code == 0
    assert run(main, ["manifest", "check", str(file)]).exit_code == 0
    assert run(main, ["manifest", "render", *url, "--kind", "json"]).output.startswith("{")
    broken = tmp_path / "broken.xml"
    broken.write_text(file.read_text().replace("Icon.16", "Icon.17", 1))
    result = run(main, ["manifest", "check", str(broken), "--json"])
    assert result.exit_code == 1
    assert json.loads(result.output)["problems"][0]["code"] == "resid"


def test_the_command_refuses_bad_input(tmp_path: Path) -> None:
    """What cannot be used ends with status 2 and one message."""
    run = CliRunner().invoke
    result = run(main, ["manifest", "render", "--base-url", "ftp://x"])
    assert (result.exit_code, "Traceback" in result.output) == (2, False)
    assert run(main, ["manifest", "check", str(tmp_path / "none.xml")]).exit_code == 2
