"""Print the JSON schema of an experiment's config: editors complete and check the config by it."""

import argparse
import json

from _program import run

from colonnade.experiment.schema import config_schema


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    print(json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **config_schema()}, indent=1))


if __name__ == "__main__":
    run(main)
