"""What a Slurm has, held against what jobs ask for: a job that no node can take would wait for ever without a word."""

import subprocess
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from colonnade.errors import InputError


@dataclass(frozen=True)
class Node:
    """A node of a partition: its CPUs, and its memory in MB."""

    cpus: int
    memory: int


def slurm_nodes(partition: str | None = None) -> list[Node]:
    """Return the nodes of a partition, or of all; [] where ``sinfo`` does not answer."""
    command = ["sinfo", "--noheader", "--Node", "--format=%c %m"]
    try:
        answer = subprocess.run(
            [*command, f"--partition={partition}"] if partition else command,
            capture_output=True, text=True, timeout=30, check=True,
        ).stdout  # fmt: skip
        return [Node(*(int(word.rstrip("+")) for word in line.split())) for line in answer.splitlines()]
    except (OSError, ValueError, TypeError, subprocess.SubprocessError):
        return []


NEEDED = {
    "input-output": "a simulation's states and the folder of its reports",
    "sources": "the programs of the clone or the package",
    "persistence": "the receipts of the steps",
}


def unshared(shared: Collection[str]) -> Iterator[InputError]:
    """Yield an error for what the nodes have to share with Snakemake, and are said not to; ``shared`` as its words."""
    for usage, what in NEEDED.items():
        if usage not in shared:
            yield InputError(f"{what} are no files that Snakemake brings to a node", key="--shared-fs-usage",
                             value=" ".join(sorted(shared)) or "none",
                             expected=f"{usage} among the words: a file system that all nodes share")  # fmt: skip


def impossible(jobs: Iterable[tuple[str, int, Mapping]], nodes: list[Node]) -> Iterator[InputError]:
    """Yield an error for each kind of job that ``nodes`` cannot take, now or later.

    ``jobs`` are the rule's name, its threads and its resources.
    """
    if not nodes:
        return
    widest, largest = max(node.cpus for node in nodes), max(node.memory for node in nodes)
    said = set()
    for rule, threads, resources in jobs:
        tasks, memory = resources.get("tasks", 1), resources.get("mem_mb", 0)
        room = sum(node.cpus // threads for node in nodes)
        wishes = [
            ("threads", threads, threads > widest, f"at most {widest}, the CPUs of the largest node"),
            ("tasks", tasks, isinstance(tasks, int) and tasks > room > 0,
             f"at most {room} with {threads} threads each, as the nodes have {sum(n.cpus for n in nodes)} CPUs"),
            ("mem_mb", memory, isinstance(memory, int) and memory > largest,
             f"at most {largest}, the memory of the largest node"),
        ]  # fmt: skip
        for key, value, fails, expected in wishes:
            if fails and (rule, key) not in said:
                said.add((rule, key))
                yield InputError("no node of this Slurm can ever take such a job", key=f"{rule}:{key}", value=value,
                                 expected=f"{expected}: --set-{'threads' if key == 'threads' else 'resources'}"
                                 f" {rule}{'' if key == 'threads' else ':' + key}=N")  # fmt: skip
