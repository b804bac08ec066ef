"""Commands about the add-in's manifests: render one for an organisation, check one."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from grammar.errors import ManifestError
from server.commands.common import NO, json_option, write_json
from server.workbooks.output import whole_output

_KINDS = ("xml", "json", "package")


@click.group()
def manifest() -> None:
    """Make and check what an administrator uploads to Microsoft 365."""


@manifest.command()
@click.option("--base-url", required=True, help="Where people reach the server, with https.")
@click.option("--kind", default="xml", show_default=True, type=click.Choice(_KINDS))
@click.option("--id", "guid", default="", help="GUID.  [default: made from the address]")
@click.option("--provider", default="CellFusion", show_default=True, help="Your organisation.")
@click.option("--support-url", default="", help="Help page.  [default: the server's own]")
@click.option("--version", default="1.0.0.0", show_default=True, help="Raise it at every change.")
@click.option("--environment", default="production", show_default=True, help="As dev or staging.")
@click.option("--output", type=click.Path(path_type=Path), help="File.  [default: standard output]")
def render(
    base_url: str,
    kind: str,
    guid: str,
    provider: str,
    support_url: str,
    version: str,
    environment: str,
    output: Path | None,
) -> None:
    """Write the manifest: xml for every Excel, json or its package for new ones."""
    from addin_manifest.config import ManifestConfig
    from addin_manifest.package import build_package
    from addin_manifest.render import render_json, render_xml

    config = ManifestConfig(base_url, provider, support_url, version, environment, guid)
    if kind == "package":
        body = build_package(config)
    else:
        body = (render_xml if kind == "xml" else render_json)(config).encode()
    if output is None:
        click.echo(body, nl=False)
        return
    with whole_output(output) as stream:
        stream.write(body)
    click.echo(f"wrote {output}")


@manifest.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--icons/--no-icons", default=True, help="Compare with the add-in's icon files.")
@json_option
def check(file: Path, icons: bool, as_json: bool) -> None:
    """Say everything that Office would refuse in FILE, a manifest of either kind."""
    from addin_manifest.check import check_file
    from addin_manifest.icons import FOLDER

    found = check_file(_read(file), FOLDER if icons else None)
    if as_json:
        write_json({"valid": not found, "problems": [asdict(problem) for problem in found]})
    else:
        for problem in found:
            click.echo(problem)
        click.echo(f"{file}: {len(found) or 'no'} problem{'s' * (len(found) != 1)}")
    if found:
        raise SystemExit(NO)


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(f"{file} cannot be read: {error}") from error
