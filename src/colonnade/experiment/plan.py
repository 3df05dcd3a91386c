"""The plan of an experiment: which jobs there are, what each reads, and where its files are. Snakemake asks it."""

import itertools
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from pathlib import Path

from colonnade.code_facts import own_code
from colonnade.errors import InputError
from colonnade.experiment.experiment import Experiment
from colonnade.experiment.stages import STAGES, File, Stage
from colonnade.experiment.sweep import Point, with_values, without_values
from colonnade.files import canonical_json, text_sha256
from colonnade.provenance import code_checksum
from colonnade.receipts import FOLDER as RECEIPTS


class Plan:
    """The jobs of an experiment. A job is named ``kind`` or ``kind/name``, and stands at one or more sweep points.

    The functions for rules take a job's name with wildcards (``nodes/{network}``) and return functions of wildcards,
    which may be any mapping; ``{point}`` is '' or '/' and the name of a point.
    """

    def __init__(self, experiment: Experiment, project: Path, software: Mapping[str, str] | None = None):
        self.experiment = experiment
        self._project = project  # the folder with scripts/ and mechanisms/
        self.folder = experiment.folder
        self._software = dict(software or {})  # what compiles the mechanisms, which their settings have to tell
        self._dependences: dict[str, frozenset[str]] = {}
        self._instances: dict[str, dict[str, Point]] = {}
        self._checksums: dict[tuple[str, ...], str] = {}

    # ---- jobs ----

    @cached_property
    def jobs(self) -> dict[str, list[Point]]:
        """The points at which each job stands, by the job's name, in the order of the points."""
        jobs: dict[str, list[Point]] = {}
        for point in self.experiment.points:
            config = self.experiment.config_at(point)
            for stage in STAGES.values():
                for name in stage.names(config):
                    jobs.setdefault(stage.job(name), []).append(point)
        return jobs

    def names(self, kind: str) -> list[str]:
        """Return the names of all jobs of a stage, without its kind."""
        return [name for name, stage in ((_name(job), _kind(job)) for job in self.jobs) if stage == kind]

    def settings(self, job: str, point: Point | None = None) -> dict:
        """Return exactly the settings that ``job`` depends on at ``point`` (default: its first)."""
        point = point or self._points_of(job)[0]
        return self._settings_in(self.experiment.config_at(point), job)

    def before(self, job: str, point: Point | None = None) -> list[str]:
        """Return the jobs whose files ``job`` reads."""
        reads = self._reads(job, point or self._points_of(job)[0])
        return list(dict.fromkeys(file.job for files in reads.values() for file in files))

    def origin(self, job: str, point: Point | None = None) -> dict[str, dict]:
        """Return the settings of ``job`` and of all jobs before it: what made its files."""
        made_by = {job: self.settings(job, point)}
        for other in self.before(job, point):
            if other not in made_by:
                made_by |= self.origin(other, point)
        return made_by

    def instances(self, job: str) -> dict[str, Point]:
        """Return the names of the job's own points and, for each, the first point of the sweep that has it."""
        if job not in self._instances:
            instances: dict[str, Point] = {}
            for point in self._points_of(job):
                instances.setdefault(self.point_name(job, point), point)
            self._instances[job] = instances
        return self._instances[job]

    def point_name(self, job: str, point: Point) -> str:
        """Return the part of the point's name that matters to ``job``; '' where none of it does."""
        return point.name(self._dependence(job))

    def point_of(self, job: str, wildcards: Mapping) -> Point:
        """Return the sweep point for which a job has the wildcard {point}."""
        name = wildcards.get("point", "").lstrip("/")
        instances = self.instances(job)
        if name not in instances:
            raise InputError("no such point of the sweep", key=job, value=name, options=instances)
        return instances[name]

    # ---- files ----

    def job_folder(self, job: str, point: Point | None = None) -> str:
        """Return the folder of the job's files at ``point``, such as results/rates/inputs/firing_rate~10."""
        name = self.point_name(job, point or self._points_of(job)[0])
        return f"{self.folder}/{STAGES[_kind(job)].folder}" + (f"/{name}" if name else "")

    def path(self, file: File, point: Point | None = None) -> str:
        """Return the path of a file at ``point``."""
        point = point or self._points_of(file.job)[0]
        files = STAGES[_kind(file.job)].files(self.experiment.config_at(point), _name(file.job))
        return f"{self.job_folder(file.job, point)}/{files[file.label]}"

    def files(self, *kinds: str) -> list[str]:
        """Return the paths of all files of all jobs of some stages, at all their points."""
        found = []
        for job in self.jobs:
            if _kind(job) in kinds:
                for point in self.instances(job).values():
                    found += self.files_made(job, point)
        return found

    def results(self, *kinds: str) -> list[str]:
        """Return the paths of all files of all jobs of some stages, and of their receipts."""
        receipts = (
            self.receipt(job, point)
            for job in self.jobs
            if _kind(job) in kinds
            for point in self.instances(job).values()
        )
        return [*self.files(*kinds), *receipts]

    def targets(self) -> list[str]:
        """Return the paths of all files that an experiment is run for, and of their receipts."""
        return self.results(*(kind for kind, stage in STAGES.items() if stage.wanted))

    def receipt(self, job: str, point: Point | None = None) -> str:
        """Return the path of the receipt of ``job`` at ``point``; see ``colonnade.receipts``."""
        name = self.point_name(job, point or self._points_of(job)[0])
        return self._log_path(_kind(job), f"/{name}" if name else "", _name(job), RECEIPTS, "json")

    def files_made(self, job: str, point: Point) -> list[str]:
        """Return the paths of all files that ``job`` makes at ``point``."""
        return [
            self.path(file, point)
            for file in STAGES[_kind(job)].all_files(self.experiment.config_at(point), _name(job))
        ]

    @cached_property
    def folders(self) -> dict[str, str]:
        """The receipt of the step that makes each file of a job which is a folder, by its path."""
        return {
            self.path(File(job, label), point): self.receipt(job, point)
            for job in self.jobs
            for label in STAGES[_kind(job)].folders
            for point in self.instances(job).values()
        }

    def makers(self, job: str, point: Point) -> dict[str, str | None]:
        """Return the receipt of the step that makes each file which ``job`` reads; None for a file of the user."""
        stage, config = STAGES[_kind(job)], self.experiment.config_at(point)
        found: dict[str, str | None] = {}
        for files in self._reads(job, point).values():
            for file in files:
                for each in self.instances(file.job).values() if file.at_all_points else [point]:
                    found[self.path(file, each)] = self.receipt(file.job, each)
        users = (path for paths in stage.user_files(config, _name(job)).values() for path in paths)
        return found | dict.fromkeys(users)

    def files_read(self, job: str, point: Point | None = None) -> dict[str, list[str]]:
        """Return the paths of all files that ``job`` reads at ``point``, by label: of other stages, then the user's."""
        point = point or self._points_of(job)[0]
        found = {
            label: list(dict.fromkeys(path for file in files for path in self._paths(file, point)))
            for label, files in self._reads(job, point).items()
        }
        return found | STAGES[_kind(job)].user_files(self.experiment.config_at(point), _name(job))

    def user_files(self) -> list[str]:
        """Return the files with the user's own functions that any job calls, and what these import beside them."""
        found = self._of_user(lambda read: read.get("functions", []))
        for path in found:
            if not Path(path).is_file():
                raise InputError("no such file of user functions", file=self.experiment.file, value=path)
        return found

    def all_user_files(self) -> list[str]:
        """Return all files, and folders, of the user that any job reads."""
        return self._of_user(lambda read: [path for paths in read.values() for path in paths])

    def _of_user(self, chosen: Callable[[dict[str, list[str]]], list[str]]) -> list[str]:
        found: dict[str, None] = {}
        for job in self.jobs:
            stage, name = STAGES[_kind(job)], _name(job)
            for config in map(self.experiment.config_at, self.instances(job).values()):
                found |= dict.fromkeys([*chosen(stage.user_files(config, name)), *stage.user_code(config, name)])
        return list(found)

    # ---- for rules ----

    def inputs(self, pattern: str) -> Callable[[Mapping], dict[str, list[str]]]:
        """Return a function that gives the rule's input by label."""
        return lambda wildcards: self.files_read(*self._at(pattern, wildcards))

    def settings_of(self, pattern: str) -> Callable[[Mapping], str]:
        """Return a function that gives the canonical JSON of the job's settings."""
        return lambda wildcards: canonical_json(self.settings(*self._at(pattern, wildcards)))

    def origin_of(self, pattern: str) -> Callable[[Mapping], str]:
        """Return a function that gives the canonical JSON of what made the job's files: all settings on their way."""

        def origin(wildcards):
            job, point = self._at(pattern, wildcards)
            made_by = {"experiment": self.experiment.name, "point": self.point_name(job, point)}
            return canonical_json(made_by | {"made_by": self.origin(job, point)})

        return origin

    def arguments(self, pattern: str, *labels: str) -> Callable[[Mapping], list[str]]:
        """Return a function that gives ``--label PATH ...`` for those of ``labels`` that the job reads or mentions."""

        def arguments(wildcards):
            job, point = self._at(pattern, wildcards)
            mentioned = STAGES[_kind(job)].mentions(self.experiment.config_at(point), _name(job))
            found = self.files_read(job, point)
            found |= {label: [self.path(file, point) for file in files] for label, files in mentioned.items()}
            return [word for label in labels if found.get(label) for word in (f"--{label}", *found[label])]

        return arguments

    def code_of(self, pattern: str) -> Callable[[Mapping], str]:
        """Return a function that gives the checksum of the code that the job runs: its program, and what that uses."""
        return lambda wildcards: self._code(*self._at(pattern, wildcards))

    def settings_checksum(self, job: str, point: Point) -> str:
        """Return the SHA-256 of the settings that ``job`` depends on at ``point``."""
        return text_sha256(canonical_json(self.settings(job, point)))

    def receipts_before(self, pattern: str) -> Callable[[Mapping], list[str]]:
        """Return a function that gives the receipts of the files that the job reads."""
        return lambda wildcards: list(dict.fromkeys(filter(None, self.makers(*self._at(pattern, wildcards)).values())))

    def folder_of(self, job: str, *, beside: str) -> Callable[[Mapping], str]:
        """Return a function that gives the folder of ``job`` at the point of the rule ``beside`` it."""
        return lambda wildcards: self.job_folder(job, self.point_of(beside, wildcards))

    def keys(self, job: str) -> list[str]:
        """Return the sweep keys that the job depends on, sorted."""
        return sorted(self._dependence(job))

    def figures_by_kind(self) -> dict[str, list[str]]:
        """Return the names of the figures of each kind that there is in the experiment."""
        found: dict[str, list[str]] = {}
        for name, figure in self.experiment.figures.items():
            found.setdefault(figure["kind"], []).append(name)
        return found

    def wildcard_constraints(self) -> dict[str, str]:
        """Return the regular expression of each wildcard in the rules' patterns, by name."""
        found: dict[str, dict[str, None]] = {}
        for point in self.experiment.points:
            for stage in STAGES.values():
                for wildcard, values in stage.wildcards(self.experiment.config_at(point)).items():
                    found.setdefault(wildcard, {}).update(dict.fromkeys(values))
        return {wildcard: "|".join(map(re.escape, values)) or "none" for wildcard, values in found.items()}

    def output(self, kind: str, label: str) -> str:
        """Return the path of a file of a rule's output, with the rule's wildcards."""
        stage = STAGES[kind]
        return f"{self.output_folder(kind)}/{stage.files(self.experiment.config, _name(stage.pattern))[label]}"

    def outputs(self, kind: str, but: Collection[str] = ()) -> dict[str, str]:
        """Return the paths of all files of a rule's output by label, without those labelled ``but``."""
        stage = STAGES[kind]
        labels = stage.files(self.experiment.config, _name(stage.pattern))
        return {label: self.output(kind, label) for label in labels if label not in but}

    def output_folder(self, kind: str) -> str:
        """Return the folder of a rule's output, with the wildcard {point}."""
        alone = "{" not in STAGES[kind].pattern  # a stage of one job
        once = alone and all(self._stands_once(job) for job in self.jobs if _kind(job) == kind)
        return f"{self.folder}/{STAGES[kind].folder}" + ("" if once else "{point}")

    def log(self, kind: str, folder: str = "logs", suffix: str = "log") -> str:
        """Return the path of a rule's log, with its wildcards."""
        point = self.output_folder(kind).removeprefix(f"{self.folder}/{STAGES[kind].folder}")
        return self._log_path(kind, point, _name(STAGES[kind].pattern), folder, suffix)

    def receipt_output(self, kind: str) -> str:
        """Return the path of a rule's receipt, with its wildcards."""
        return self.log(kind, RECEIPTS, "json")

    def benchmark(self, kind: str) -> str:
        """Return the path of the table with a rule's time and memory, with its wildcards."""
        return self.log(kind, "benchmarks", "tsv")

    # ---- inside ----

    def _log_path(self, kind: str, point: str, name: str, folder: str, suffix: str) -> str:
        """Return the path of what is kept of a job beside its files; ``point`` is '' or '/' and the point's name."""
        stage = STAGES[kind]
        place = f"{self.folder}/{folder}/{stage.log_name or stage.program}{point}"
        return place + (f"/{name}" if name else "") + f".{suffix}"

    def _code(self, job: str, point: Point) -> str:
        """Return the checksum of the code that ``job`` runs: its program, and what that uses."""
        stage, config, name = STAGES[_kind(job)], self.experiment.config_at(point), _name(job)
        own = [path for path in stage.user_code(config, name) if Path(path).is_file()]
        key = (stage.kind, *stage.modules(config, name), *own)
        if key not in self._checksums:  # the same for all points of a sweep
            program = self._project / "scripts" / f"{stage.program}.py"
            files = self._project.glob(stage.project_files()) if stage.project_files() else ()
            checksum = code_checksum(program, stage.modules(config, name), files)
            self._checksums[key] = text_sha256(checksum + "".join(map(own_code, own))) if own else checksum
        return self._checksums[key]

    def _at(self, pattern: str, wildcards: Mapping) -> tuple[str, Point]:
        job = pattern.format(**wildcards)
        return job, self.point_of(job, wildcards)

    def _points_of(self, job: str) -> list[Point]:
        if job not in self.jobs:
            raise InputError("no such job", key="plan", value=job, options=self.jobs)
        return self.jobs[job]

    def _reads(self, job: str, point: Point) -> dict[str, list[File]]:
        return STAGES[_kind(job)].reads(self.experiment.config_at(point), _name(job))

    def _mentioned(self, job: str, point: Point) -> list[str]:
        files = STAGES[_kind(job)].mentions(self.experiment.config_at(point), _name(job))
        return [file.job for part in files.values() for file in part]

    def _paths(self, file: File, point: Point) -> Iterable[str]:
        points = self.instances(file.job).values() if file.at_all_points else [point]
        return [self.path(file, each) for each in points]

    def _stands_once(self, job: str) -> bool:
        stage: Stage = STAGES[_kind(job)]
        return stage.stands_once(self.experiment.config_at(self._points_of(job)[0]), _name(job))

    def _dependence(self, job: str) -> frozenset[str]:
        """Return the sweep keys that the job, or one before it, depends on."""
        if job not in self._dependences:
            keys: frozenset[str] = frozenset()
            if not self._stands_once(job):
                points = self._points_of(job)
                others = {other for point in points for other in self.before(job, point)}
                others |= {other for point in points for other in self._mentioned(job, point)}
                keys = self._keys_of(job, points).union(*map(self._dependence, others))
            self._dependences[job] = keys
        return self._dependences[job]

    def _keys_of(self, job: str, points: list[Point]) -> frozenset[str]:
        """Return the sweep keys that the job's own settings depend on.

        Each key is tried in the first point's config, once without its value and once with another one. What that
        leaves open, a key that matters only beside certain values of others, the settings of the points decide.
        """
        texts = {point: canonical_json(self.settings(job, point)) for point in points}
        known = dict.fromkeys(key for point in points for key, _ in point.choices)
        found = {key for key in known if self._is_changed_by(job, key, points, texts[points[0]])}
        for key in known:
            if _decide(found, texts):
                break
            found.add(key)
        return frozenset(found)

    def _is_changed_by(self, job: str, key: str, points: list[Point], text: str) -> bool:
        config = self.experiment.config_at(points[0])
        choices = [choice for point in points for each, choice in point.choices if each == key]
        others = (choice for choice in choices if (key, choice) not in points[0].choices)
        changed = [without_values(config, [path for path, _ in choices[0].values])]
        changed += [with_values(config, choice.values) for choice in itertools.islice(others, 1)]
        try:
            texts = [canonical_json(self._settings_in(each, job)) for each in changed]
        except (LookupError, TypeError, AttributeError, StopIteration):
            return True  # what the settings are made of is not there, or does not fit beside the first point's values
        return any(other != text for other in texts)

    def _settings_in(self, config: dict, job: str) -> dict:
        return STAGES[_kind(job)].settings(config, _name(job)) | (self._software if _kind(job) == "mechanisms" else {})


def _decide(keys: set[str], texts: Mapping[Point, str]) -> bool:
    """Return whether points that agree in ``keys`` have the same text."""
    of_name: dict[str, str] = {}
    return all(of_name.setdefault(point.name(keys), text) == text for point, text in texts.items())


def _kind(job: str) -> str:
    return job.partition("/")[0]


def _name(job: str) -> str:
    return job.partition("/")[2]
