"""Signing keys from an address and a file: what is believed, when it is read, what is refused."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as new_curve_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from identities import CLIENT, PERSON, TENANT, jwk, key_set, private_key, token

from server.config import Config
from server.errors import ConfigError, KeysUnavailableError, UnauthenticatedError
from server.identity.door import key_source, token_rules
from server.identity.jwks import LIFE, MOST_LIFE, PAUSE, RETRY, FileKeys, UrlKeys, read_keys
from server.identity.tokens import TokenChecker, TokenRules
from server.problems import status_of

HOSTS = ("localhost",)


class Clock:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Source:
    """A server of keys over HTTPS, with its certificate and what it was asked."""

    def __init__(self, folder) -> None:
        self.ca = folder / "ca.pem"
        self.ca.write_bytes(certificate())
        self.body, self.status, self.headers = key_set(), 200, {}
        self.asked: list[str] = []
        source = self

        class Handler(BaseHTTPRequestHandler):
            """Answers what the source is set to."""

            def do_GET(self) -> None:
                source.asked.append(self.path)
                self.send_response(source.status)
                for name, value in source.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(source.body.encode())

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"https://localhost:{self.server.server_port}/keys"

    def close(self) -> None:
        """End the server."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def certificate() -> bytes:
    """A certificate of localhost with its key, which vouches for itself."""
    key, now = new_curve_key(SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return secret + made.public_bytes(Encoding.PEM)


@pytest.fixture
def source(tmp_path):
    """A server of keys."""
    found = Source(tmp_path)
    yield found
    found.close()


@pytest.fixture
def clock():
    """A clock that stands."""
    return Clock()


@pytest.fixture
def keys(source, clock):
    """The keys of the server."""
    return UrlKeys(source.url, HOSTS, source.ca, clock)


def checker(keys) -> TokenChecker:
    """What checks tokens with some keys."""
    return TokenChecker(TokenRules((TENANT,), (CLIENT,)), keys)


def test_tokens_are_checked_with_the_keys_of_an_address(source, keys):
    """Over real HTTPS, read once for many tokens."""
    for _ in range(3):
        assert checker(keys).check(token()).subject == PERSON
    assert source.asked == ["/keys"]


def test_an_unknown_id_has_them_read_once(source, keys, clock):
    """A new key is found at once; made-up ids cause one reading a minute, however many come."""
    assert keys.find("first")
    clock.now += PAUSE
    source.body = key_set(jwk(), jwk("second"))
    second = token({"kid": "second"}, private_key("second"))
    assert checker(keys).check(second).subject == PERSON
    assert len(source.asked) == 2
    for number in range(50):
        assert keys.find(f"made-up-{number}") is None
    assert len(source.asked) == 2
    clock.now += PAUSE
    assert keys.find("made-up") is None
    assert len(source.asked) == 3


def test_keys_are_read_anew_and_old_ones_end(source, keys, clock):
    """A key that was taken back is unknown within the hour."""
    assert keys.find("first")
    source.body = key_set(jwk("second"))
    clock.now += LIFE
    with pytest.raises(UnauthenticatedError) as caught:
        checker(keys).check(token())
    assert caught.value.code == "token_key"


def test_an_outage_leaves_people_in_for_a_day(source, keys, clock):
    """Keys that were read serve on; after a day without a source nobody is let in."""
    assert keys.find("first")
    source.status = 503
    clock.now += MOST_LIFE - 1
    assert keys.find("first")
    clock.now += 1
    with pytest.raises(KeysUnavailableError):
        keys.find("first")


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (500, key_set(), {}),
        (302, key_set(), {"Location": "https://evil.example/keys"}),
        (301, key_set(), {"Location": "file:///etc/passwd"}),
        (200, "<html>", {}),
        (200, "{}", {}),
        (200, '{"keys": []}', {}),
        (200, " " * (1 << 20) + key_set(), {}),
        (200, "[" * 20_000, {}),
    ],
)
def test_a_source_that_does_not_answer_is_unavailable(source, keys, clock, status, body, headers):
    """That is status 503, and it is asked again after some seconds, not by every request."""
    source.status, source.body, source.headers = status, body, headers
    for _ in range(3):
        with pytest.raises(KeysUnavailableError) as caught:
            checker(keys).check(token())
    assert status_of(caught.value) == 503
    assert len(source.asked) == 1
    source.status, source.body, source.headers = 200, key_set(), {}
    clock.now += RETRY
    assert checker(keys).check(token()).subject == PERSON


def test_a_source_with_a_wrong_certificate_is_not_believed(source, clock):
    """Without the certificates of the settings, one that vouches for itself does not do."""
    with pytest.raises(KeysUnavailableError):
        UrlKeys(source.url, HOSTS, clock=clock).find("first")
    assert source.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/keys",
        "file:///etc/passwd",
        "ftp://localhost/keys",
        "https://evil.example/keys",
        "https://localhost.evil.example/keys",
        "https://localhost@evil.example/keys",
        "https://user:word@localhost/keys",
        "//localhost/keys",
        "",
    ],
)
def test_other_addresses_are_refused(url):
    """Only https, only allowed hosts."""
    with pytest.raises(ConfigError):
        UrlKeys(url, HOSTS)


@pytest.mark.parametrize(
    "odd",
    [
        {"kty": "EC"},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"use": "enc"},
        {"alg": "HS256"},
        {"kid": 5},
        {"n": "AQAB"},
        {"d": "AQAB"},
        {"n": None},
    ],
)
def test_keys_that_sign_nothing_here_are_left_out(odd):
    """Only public RSA keys for signatures, of 2048 bits or more, are taken."""
    found = read_keys(key_set(jwk(), jwk("second") | odd).encode())
    assert list(found) == ["first"]
    with pytest.raises(ValueError, match="no RSA key"):
        read_keys(key_set(jwk("second") | odd).encode())


def test_short_keys_are_left_out():
    """One of 1024 bits can be broken."""
    with pytest.raises(ValueError, match="no RSA key"):
        read_keys(key_set(jwk("short", 1024)).encode())


def test_a_key_of_all_tenants_signs_for_each(tmp_path):
    """Microsoft's common document names the issuer with a place for the tenant."""
    path = tmp_path / "keys.json"
    common = "https://login.microsoftonline.com/{tenantid}/v2.0"
    path.write_text(key_set(jwk(issuer=common)))
    assert checker(FileKeys(path)).check(token()).tenant == TENANT


def test_a_file_that_cannot_be_read_ends_the_start(tmp_path):
    """The message names the file."""
    with pytest.raises(ConfigError, match=r"none\.json"):
        FileKeys(tmp_path / "none.json")
    (tmp_path / "odd.json").write_text(json.dumps({"keys": 5}))
    with pytest.raises(ConfigError, match=r"odd\.json"):
        FileKeys(tmp_path / "odd.json")


def test_settings_say_where_keys_are():
    """One tenant has a document of its own, several share one; national clouds have theirs."""
    one = Config(tenants=(TENANT,), audiences=(CLIENT,))
    base = "https://login.microsoftonline.com"
    assert key_source(one).url == f"{base}/{TENANT}/discovery/v2.0/keys"
    two = Config(tenants=(TENANT, TENANT.replace("1", "2")), audiences=(CLIENT,))
    assert key_source(two).url == f"{base}/common/discovery/v2.0/keys"
    authority = "https://login.microsoftonline.us"
    state = Config(tenants=(TENANT,), audiences=(CLIENT,), authority=authority)
    assert key_source(state).url.startswith(authority)
    assert token_rules(state).authority == authority
