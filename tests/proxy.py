"""nginx as it is rolled out, with a certificate of its own, on free ports."""

from __future__ import annotations

import os
import pwd
import re
import ssl
import subprocess
from contextlib import contextmanager
from pathlib import Path

from services import free_port

TEMPLATE = Path(__file__).parent.parent / "deploy" / "nginx.conf.template"
PROGRAM = "/usr/sbin/nginx"
AROUND = """
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/cellfusion.conf;
}}
"""


def render(folder: Path, name: str, upstreams: list[str], port: int) -> Path:
    """The configuration of the roll-out for some instances, its certificate made."""
    subject = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run(["openssl", *kind, *subject, *files], check=True, capture_output=True)
    text = TEMPLATE.read_text(encoding="utf-8")
    line = re.search(r"^    server \$\{UPSTREAM\}(.*);$", text, re.MULTILINE)
    text = text.replace(line[0], "\n".join(f"    server {each}{line[1]};" for each in upstreams))
    changes = {
        "${SERVER_NAME}": name,
        "/etc/cellfusion/tls": str(folder),
        "listen 443": f"listen 127.0.0.1:{port}",
        "listen 80": f"listen 127.0.0.1:{free_port()}",
    }
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    (folder / "cellfusion.conf").write_text(text, encoding="utf-8")
    main = folder / "nginx.conf"
    main.write_text(AROUND.format(folder=folder), encoding="utf-8")
    return main


def run(main: Path, *arguments: str) -> str:
    """What nginx says."""
    user = ["-g", f"user {pwd.getpwuid(os.geteuid()).pw_name};"]  # else nobody may read the folder
    command = [PROGRAM, "-c", str(main), *user, *arguments]
    return subprocess.run(command, check=True, stderr=subprocess.PIPE, text=True).stderr


@contextmanager
def proxy(folder: Path, name: str, upstreams: list[str]):
    """The port of nginx in front of some instances, and how its certificate is trusted."""
    port = free_port()
    main = render(folder, name, upstreams, port)
    run(main)  # which returns when it listens
    trust = ssl.create_default_context(cafile=str(folder / "cert.pem"))
    trust.check_hostname = False  # the name is that of the certificate, not of this machine
    try:
        yield port, trust
    finally:
        run(main, "-s", "stop")
