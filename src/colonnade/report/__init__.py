"""What the report says of a finished experiment: read from its files while Snakemake renders the report's templates."""

from colonnade.report.run import RunReport

__all__ = ["RunReport"]
