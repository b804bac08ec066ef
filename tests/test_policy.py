"""The policy: read from a file, shown with its places, and kept wherever rules are answered."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from openpyxl import load_workbook
from openpyxl.xml.functions import tostring
from orders import ORDERS
from taskpane_site import BOOK, BookModel

from grammar.officejs import to_officejs
from grammar.ooxml import to_openpyxl
from grammar.parser import parse_condition
from grammar.rules import DEFAULT_STYLE, Rule, RuleSet, Style
from grammar.scale_colours import scale_colours
from server.app import create_app
from server.config import Config
from server.errors import ConfigError, PolicyError
from server.policy import KINDS, Policy
from server.rates import Rate
from server.sample import write_sample
from server.settings import masked, write_value

DOCS = Path(__file__).parent.parent / "docs" / "policy.md"
HOUSE = (("red", "#C8102E"), ("green", "#43B02A"), ("light yellow", "#FFF4CC"))
FORBIDS = {"forbidden_kinds": ("IconSet", "Formula"), "forbidden_functions": ("TODAY",)}


def written(folder: Path, text: str) -> Path:
    """A policy file."""
    path = folder / "policy.toml"
    path.write_text(text)
    return path


def client(folder: Path, **more: object):
    """A client of a service with a policy, in front of the book of answers."""
    config = Config(database_url=f"sqlite:///{folder}/store.db", **more)
    return create_app(config, BookModel()).test_client()


def test_a_file_is_read(tmp_path):
    """Every kind of value has its form in TOML; the environment goes before the file."""
    path = written(
        tmp_path,
        'forbidden_kinds = ["IconSet"]\nretention_days = 30\nkeep_requests = true\n'
        'request_rate = "60/minute"\nanswer_seconds = 12.5\nport = 9000\n'
        '[palette]\nred = "#C8102E"\n"light yellow" = "#FFF4CC"\n',
    )
    environ = {"CELLFUSION_POLICY": str(path), "CELLFUSION_PORT": "9001"}
    found = Config.load(environ)
    assert (found.forbidden_kinds, found.retention_days) == (("IconSet",), 30)
    assert (found.keep_requests, found.answer_seconds, found.port) == (True, 12.5, 9001)
    assert found.palette == (("red", "#C8102E"), ("light yellow", "#FFF4CC"))
    assert Config.load({}, policy=path, port=9002).port == 9002


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tenant = []", r"policy.toml:1: tenant \(did you mean tenants\?\)"),
        ("\n\nretention_day = 3", r"policy.toml:3: retention_day \(did you mean retention_days"),
        ("[identity]\ntenants = []", r"policy.toml:1: identity"),
        ('policy = "other.toml"', "names no other policy"),
        ("retention_days = ", "cannot be read"),
        ("retention_days = 0", "more than 0"),
        ("retention_days = true", "no int"),
        ("retention_days = 1.5", "no int"),
        ('keep_requests = "perhaps"', "true or false"),
        ("keep_requests = 1.0", "true or false"),
        ("tenants = 5", "list of texts"),
        ("tenants = [5]", "list of texts"),
        ('provider = ["a"]', "no str"),
        ('palette = ["red"]', "table of names"),
        ('palette = {red = "red"}', "#RRGGBB"),
        ('palette = {Red = "#C8102E"}', "small name"),
        ('default_fill = "sunset"', "default_fill"),
        ('forbidden_kinds = ["Icons"]', "no such rules: Icons"),
        ('allowed_functions = ["INDIRECTLY"]', "no such functions: INDIRECTLY"),
        ('allowed_functions = ["WEBSERVICE"]', "no such functions: WEBSERVICE"),
        ('request_rate = "often"', "60/minute"),
        ('suggest_rate = "0/minute"', "60/minute"),
        ('frame_ancestors = ["a; script-src *"]', "content security policy"),
    ],
)
def test_a_wrong_policy_is_refused(tmp_path, text, said):
    """The message names the place, the nearest known name, or what the value has to be."""
    with pytest.raises(ConfigError, match=said):
        Config.load({}, policy=written(tmp_path, text))


def test_a_policy_that_is_not_there_is_refused(tmp_path):
    """A service that would run without its policy does not start; a huge one is none."""
    with pytest.raises(ConfigError, match=r"none\.toml"):
        Config.load({"CELLFUSION_POLICY": str(tmp_path / "none.toml")})
    with pytest.raises(ConfigError, match="bytes"):
        Config.load({}, policy=written(tmp_path, "#" * (1 << 21)))


def test_unknown_variables_name_the_nearest():
    """As in the file."""
    with pytest.raises(ConfigError, match=r"CELLFUSION_TENNANTS \(did you mean tenants"):
        Config.load({"CELLFUSION_TENNANTS": "x"})


@given(st.lists(st.sampled_from(HOUSE), unique=True).map(tuple))
def test_a_palette_survives_the_environment(palette):
    """Names of two words included."""
    assert Config.load(Config(palette=palette).to_environ()).palette == palette


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("60/minute", Rate(60, 60)),
        ("5/second", Rate(5, 1)),
        ("10 per 5 minutes", Rate(10, 300)),
        ("1000 / 1 day", Rate(1000, 86400)),
    ],
)
def test_rates_are_read(text, rate):
    """As people write them."""
    assert Rate.parse(text) == rate


def policy(**more: object) -> Policy:
    """The policy of some settings."""
    return Policy.of(Config(**more))


@pytest.mark.parametrize(
    ("text", "is_formula", "said"),
    [
        ("IconSet(c[2])", False, "kind IconSet"),
        ("AND(GreaterThan(c[1], 5), LessThan(c[2], TODAY()))", False, "function TODAY"),
        ("NOT(Equals(c[2], TODAY()))", False, "function TODAY"),
        ("=A1>5", True, "kind Formula"),
        ("GreaterThan(c[2], 100)", False, None),
        ("DataBar(c[2])", False, None),
        ("GreaterThan(c[2], ABS(c[1]))", False, None),
    ],
)
def test_validate_says_what_is_not_allowed(tmp_path, text, is_formula, said):
    """A text that is right and not allowed is not valid, for a reason of its own."""
    body = {"text": text, "formula": is_formula}
    answer = client(tmp_path, **FORBIDS).post("/api/v1/validate", json=body).get_json()
    assert answer["valid"] == (said is None)
    if said:
        assert answer["error"]["code"] == "policy"
        assert said in answer["error"]["message"]


def test_wrong_texts_stay_wrong(tmp_path):
    """What does not parse is told as before."""
    body = {"text": "IconSet(c[2]"}
    answer = client(tmp_path, **FORBIDS).post("/api/v1/validate", json=body).get_json()
    assert answer["error"]["code"] == "parse"


@pytest.mark.parametrize(
    ("formula", "allowed"),
    [
        ("=SUM(A1:A3)>5", True),
        ("=sum(A1,ABS(B1))>5", True),
        ("=IF(SUM(A1:A3)>5,TRUE,MEDIAN(A1)>1)", False),
        ("=_xlfn.CONCAT(A1)=B1", False),
    ],
)
def test_functions_can_be_a_short_list(formula, allowed):
    """Calls at any depth, in any case and with the prefixes of files are looked at."""
    found = policy(allowed_functions=("SUM", "ABS", "IF"))
    assert found.allows_text(formula, True) == allowed
    text = formula.replace('"', '""')
    assert found.allows_text(f'Formula("{text}")', False) == allowed


def test_every_kind_can_be_forbidden():
    """Each kind of rule that the language has is one that a policy can name."""
    for kind in KINDS:
        found = policy(forbidden_kinds=(kind,))
        assert kind not in found.kinds
        assert len(found.kinds) == len(KINDS) - 1
    only = policy(allowed_kinds=("GreaterThan",))
    assert only.allows_text("GreaterThan(c[1], 5)", False)
    assert not only.allows_text("OR(GreaterThan(c[1], 5), Blanks(c[1]))", False)


TABLE = {"address": "S!A1:H3", "values": [list("abcdefgh"), [1] * 8, [900] * 8]}


def suggested(folder, utterance, **more):
    """The answer to a request of the book."""
    body = {"utterance": utterance, "table": TABLE}
    return client(folder, **more).post("/api/v1/suggest", json=body).get_json()


def test_suggestions_are_of_what_is_allowed(tmp_path):
    """Readings that are not allowed are left out, and ranks have no gap."""
    found = suggested(tmp_path, "amounts over 500 in green", forbidden_kinds=("GreaterThan",))
    assert [each["condition"] for each in found["candidates"]] == ["GreaterThanEqual(c[6], 500)"]
    assert [each["rank"] for each in found["candidates"]] == [1]
    assert not found["abstained"]


def test_a_request_of_forbidden_rules_is_told_why(tmp_path):
    """Where nothing is left the question gives the reason."""
    found = suggested(tmp_path, "icons on Amount", **FORBIDS)
    assert (found["candidates"], found["abstained"]) == ([], True)
    assert "rules of the kind IconSet are not allowed" in found["question"]


def test_suggestions_wear_the_house_colours(tmp_path):
    """Fill and font are mapped, and the same colour is not laid on itself."""
    found = suggested(tmp_path, "amounts over 500 in green", palette=HOUSE)
    style = found["candidates"][0]["rules"][0]["style"]
    assert style == {"fill": "#43B02A"}


def painted(style: Style, **more: object) -> Style:
    """A style in the house's colours."""
    rule = Rule(parse_condition("Blanks(c[1])"), style=style)
    return policy(**({"palette": HOUSE} | more)).enforce(RuleSet((rule,))).rules[0].style


@pytest.mark.parametrize(
    ("colour", "house"),
    [
        ("#FF0000", "#C8102E"),
        ("#00B050", "#43B02A"),
        ("#FFEB9C", "#FFF4CC"),
        ("#F20A0A", "#C8102E"),
        ("#C6EFCE", "#43B02A"),
        ("#c8102e", "#C8102E"),
        ("#FFFF00", "#FFF4CC"),
    ],
)
def test_colours_are_mapped(colour, house):
    """By name or hue where the house has one, else to the nearest; its own stay."""
    assert painted(Style(fill=colour)).fill == house
    assert painted(Style(font=colour, bold=True)) == Style(font=house, bold=True)


@given(st.from_regex(r"#[0-9A-Fa-f]{6}", fullmatch=True))
def test_mapping_twice_changes_nothing(colour):
    """What came from the palette is of it and stays."""
    once = painted(Style(fill=colour, border=colour))
    assert once.fill in dict(HOUSE).values()
    assert painted(once) == once


def test_the_default_fill_is_the_house_s():
    """Where no colour was asked for; named or written, with or without a palette."""
    assert painted(DEFAULT_STYLE, default_fill="light yellow") == Style(fill="#FFF4CC")
    assert painted(DEFAULT_STYLE, default_fill="#ddeeff", palette=()) == Style(fill="#DDEEFF")
    asked = replace(DEFAULT_STYLE, bold=True)
    assert painted(asked, default_fill="#DDEEFF", palette=()) == asked


@pytest.mark.parametrize(
    ("text", "palette", "colours"),
    [
        ("ColorScale(c[2])", HOUSE, ["#C8102E", "#FFF4CC", "#43B02A"]),
        ("ColorScale(c[2])", HOUSE[:2], ["#FFFFFF", "#43B02A"]),
        ("ColorScale(c[2])", (), ["#F8696B", "#FFEB84", "#63BE7B"]),
        ("DataBar(c[2])", (*HOUSE, ("house blue", "#003A70")), ["#003A70"]),
        ("DataBar(c[2])", HOUSE[:1], ["#C8102E"]),
        ("DataBar(c[2])", (), ["#638EC6"]),
    ],
)
def test_scales_wear_the_house_colours(text, palette, colours):
    """Where no colour was asked for: Excel's three in the house's, or white to the nearest."""
    found = policy(palette=palette, default_fill="#DDEEFF")
    rules = found.enforce(RuleSet((Rule(parse_condition(text)),)))
    assert found.enforce(rules) == rules
    office = to_officejs(rules.rules[0], ORDERS)["rule"]
    assert re.findall(r"#[0-9A-F]{6}", json.dumps(office)) == colours
    (part,) = to_openpyxl(rules.rules[0], ORDERS)
    xml = etree.fromstring(tostring(part.rule.to_tree()))
    assert ["#" + each.get("rgb")[2:] for each in xml.iter("color")] == colours


def test_a_scale_in_a_colour_is_in_the_house_s():
    """The colour that was asked for is mapped, as of any rule."""
    rule = Rule(parse_condition("ColorScale(c[2])"), style=Style(fill="#00B050"))
    (found,) = policy(palette=HOUSE).enforce(RuleSet((rule,))).rules
    assert scale_colours(found) == ("#FFFFFF", "#43B02A")


def upload(folder, path, rules, **more):
    """The answer to a workbook that is sent with rules."""
    source = folder / "a.xlsx"
    if not source.exists():
        write_sample(source, dt.date(2026, 8, 1))
    data = {"rules": json.dumps(rules), "workbook": (io.BytesIO(source.read_bytes()), "a.xlsx")}
    return client(folder, **more).post(f"/api/v1/workbooks/{path}", data=data)


@pytest.mark.parametrize("path", ["apply", "preview"])
def test_workbooks_get_no_forbidden_rules(tmp_path, path):
    """What a client sends by itself is refused with the reason."""
    answer = upload(tmp_path, path, ["IconSet(c[6])"], **FORBIDS)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "policy")
    assert "IconSet" in answer.get_json()["detail"]
    assert upload(tmp_path, path, ["Top(c[6], 3)"], **FORBIDS).status_code == 200


def test_workbooks_get_house_colours(tmp_path):
    """A rule in another colour is written in the house's."""
    rule = {"condition": "Blanks(c[4])", "style": {"fill": "#FF0000"}}
    answer = upload(tmp_path, "apply", [rule], palette=HOUSE)
    sheet = load_workbook(io.BytesIO(answer.data)).active
    (found,) = (each for area in sheet.conditional_formatting for each in area.rules)
    assert found.dxf.fill.bgColor.rgb == "FFC8102E"


def test_repairs_are_of_what_is_allowed(tmp_path):
    """No text is offered that would be refused."""
    body = {"text": "IconSet(c[2]"}
    free = client(tmp_path).post("/api/v1/repair", json=body).get_json()["repairs"]
    bound = client(tmp_path, **FORBIDS).post("/api/v1/repair", json=body).get_json()["repairs"]
    assert "IconSet(c[2])" in [each["text"] for each in free]
    assert "IconSet(c[2])" not in [each["text"] for each in bound]


def test_without_a_policy_everything_stays():
    """Rules of every reading of the book pass as they are."""
    free = policy()
    for readings in BOOK.values():
        for rules in readings:
            assert free.enforce(RuleSet(tuple(rules))) == RuleSet(tuple(rules))
    with pytest.raises(PolicyError):
        policy(forbidden_kinds=("Top",)).enforce(RuleSet(tuple(BOOK["top 10 amounts in bold"][0])))


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command ``cellfusion config``."""
    command = [sys.executable, "-m", "server.cli", "config", *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def test_the_command_shows_what_is_in_force(tmp_path):
    """Every setting, its value without passwords, and where it is from."""
    path = written(tmp_path, '# ours\nretention_days = 30\n[palette]\nred = "#C8102E"\n')
    url = "postgresql://cells:hidden@db.example/cells"
    environ = {"CELLFUSION_PORT": "9000", "CELLFUSION_DATABASE_URL": url}
    ended = run("--policy", str(path), "--json", **environ)
    assert ended.returncode == 0, ended.stderr
    rows = {row["name"]: (row["value"], row["origin"]) for row in json.loads(ended.stdout)}
    assert list(rows) == [field.name for field in fields(Config)]
    assert rows["retention_days"] == ("30", f"{path}:2")
    assert rows["palette"] == ("red=#C8102E", f"{path}:3")
    assert rows["port"] == ("9000", "CELLFUSION_PORT")
    assert rows["policy"] == (str(path), "--policy")
    assert rows["host"] == ("127.0.0.1", "default")
    assert rows["database_url"][0] == "postgresql://cells:***@db.example/cells"
    assert "hidden" not in ended.stdout


def test_the_command_refuses_what_would_not_serve():
    """An open service and an unknown key are status 2 and one line."""
    for environ in ({"CELLFUSION_HOST": "0.0.0.0"}, {"CELLFUSION_PROT": "1"}):  # noqa: S104
        ended = run(**environ)
        assert ended.returncode == 2
        assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://:hidden@cache:6379/0", "redis://:***@cache:6379/0"),
        ("rediss://me:hid:den@cache", "rediss://me:***@cache"),
        ("https://cells.example/a", "https://cells.example/a"),
        ("sqlite:////var/lib/cells.db", "sqlite:////var/lib/cells.db"),
    ],
)
def test_passwords_are_masked(url, shown):
    """Of every address that holds one."""
    assert masked(url) == shown


def test_every_setting_is_documented():
    """The table names each setting once, with the default that it has."""
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| .+ \|$", DOCS.read_text(), re.MULTILINE)
    defaults = {field.name: getattr(Config(), field.name) for field in fields(Config)}
    shown = {name: "" if value is None else write_value(value) for name, value in defaults.items()}
    assert {name: text.strip("`") for name, text in rows} == shown
    assert len(rows) == len(shown)
