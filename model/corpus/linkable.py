"""``python -m model.corpus.linkable FILE…``: requests whose rule the linker gives no means for."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

from model.corpus.augment import make_sample
from model.corpus.generate import TODAY
from model.corpus.notation import parse_rules
from model.corpus.schemas import DATA, Schema, load_schemas, sample_table

ROWS = 24


def main(paths: list[str]) -> int:
    """Print every request of corpus files that cannot become a training sample, and the share."""
    wanted = [request for path in paths for request in requests_of(Path(path))]
    by_id = {schema.id: schema for schema in load_schemas()}
    lost = [(name, say, rules) for name, say, rules in wanted if not links(by_id[name], say, rules)]
    sys.stdout.writelines(f"{name}: {say!r}: {rules}\n" for name, say, rules in lost)
    sys.stdout.write(f"{len(lost)} of {len(wanted)} requests cannot be linked\n")
    return 0


def requests_of(path: Path) -> list[tuple[str, str, str]]:
    """Schema, sentence and rules of every request in a file of the corpus."""
    found = json.loads(path.read_text(encoding="utf-8"))
    pairs = found.items() if isinstance(found, dict) else ((s["id"], s["requests"]) for s in found)
    return [(name, say, rules) for name, requests in pairs for say, rules in requests]


def links(schema: Schema, say: str, rules: str) -> bool:
    """Whether the request becomes a sample on a table of its schema."""
    table = sample_table(schema, random.Random(schema.id), ROWS)
    return make_sample(say, parse_rules(rules), table, TODAY) is not None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or sorted(map(str, DATA.glob("[rs]*_*.json")))))
