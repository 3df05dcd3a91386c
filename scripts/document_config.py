"""Write the table of all config keys, with units and defaults, from the schemas into config/README.md."""

import argparse
import json
from pathlib import Path

from _program import run

from colonnade.experiment.config import SCHEMAS
from colonnade.files import whole

START, END = "<!-- keys: start -->", "<!-- keys: end -->"


def rows(schema, path="", root=None):
    """Yield (key, description, default) for every key below ``schema``, depth first."""
    if "$ref" in schema:
        file, _, name = schema["$ref"].partition("#/$defs/")
        root = json.loads((SCHEMAS / file).read_text()) if file else root
        schema = (root["$defs"][name] if name else root) | {k: v for k, v in schema.items() if k != "$ref"}
    if path:
        yield path, schema.get("description", ""), schema.get("default")
    for key, part in schema.get("properties", {}).items():
        if part:
            yield from rows(part, f"{path}.{key}" if path else key, root)
    others = schema.get("additionalProperties")
    if isinstance(others, dict) and ("$ref" in others or others.get("properties")):
        yield from list(rows(others, f"{path}.NAME", root))[("description" not in others) :]
    items = schema.get("items")
    if isinstance(items, dict) and ("$ref" in items or "properties" in items):
        yield from list(rows(items, f"{path}.#", root))[1:]
    for branch in schema.get("allOf", []):
        kind = branch.get("if", {}).get("properties", {})
        label = ",".join(f"{key}={part['const']}" for key, part in kind.items() if "const" in part)
        yield from list(rows(branch.get("then", branch), f"{path}[{label}]" if label else path, root))[1:]


def table() -> str:
    root = json.loads((SCHEMAS / "config.schema.json").read_text())
    lines = ["| key | meaning, unit | default |", "| --- | --- | --- |"]
    for key, description, default in rows(root, root=root):
        shown = "" if default is None or default == {} else f"`{json.dumps(default)}`"
        lines.append(f"| `{key}` | {description.replace('|', '/')} | {shown} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readme", type=Path, default=Path("config/README.md"), help="file with the two marks")
    path = parser.parse_args().readme
    text = path.read_text(encoding="utf-8")
    before, after = text.split(START)[0], text.split(END)[1]
    with whole(path) as temporary:
        temporary.write_text(f"{before}{START}\n{table()}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    run(main)
