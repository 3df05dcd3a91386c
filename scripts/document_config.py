"""Write the table of all config keys, with units and defaults, from the schema into config/README.md."""

import argparse
import json
from pathlib import Path

from _program import run

from colonnade.experiment.schema import config_schema
from colonnade.files import atomic_write

START, END = "<!-- keys: start -->", "<!-- keys: end -->"


def rows(schema, path=""):
    """Yield (key, description, default) for every key below ``schema``, depth first."""
    if path:
        yield path, schema.get("description", ""), schema.get("default")
    for key, part in schema.get("properties", {}).items():
        if part:
            yield from rows(part, f"{path}.{key}" if path else key)
    others = schema.get("additionalProperties")
    if isinstance(others, dict) and others.get("properties"):
        yield from list(rows(others, f"{path}.NAME"))["description" not in others :]
    items = schema.get("items")
    if isinstance(items, dict) and "properties" in items:
        yield from list(rows(items, f"{path}.#"))[1:]
    for branch in schema.get("allOf", []):
        kind = branch["if"]["properties"]
        label = ",".join(f"{key}={part['const']}" for key, part in kind.items())
        yield from list(rows(branch["then"], f"{path}[{label}]"))[1:]


def table() -> str:
    lines = ["| key | meaning, unit | default |", "| --- | --- | --- |"]
    for key, description, default in rows(config_schema()):
        shown = "" if default is None or default == {} else f"`{json.dumps(default)}`"
        lines.append(f"| `{key}` | {description.replace('|', '/')} | {shown} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readme", type=Path, default=Path("config/README.md"), help="file with the two marks")
    path = parser.parse_args().readme
    text = path.read_text(encoding="utf-8")
    before, after = text.split(START)[0], text.split(END)[1]
    with atomic_write(path) as temporary:
        temporary.write_text(f"{before}{START}\n{table()}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    run(main)
