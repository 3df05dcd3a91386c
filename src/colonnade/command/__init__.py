"""The command ``colonnade``: each of its words calls one of the programs in scripts/, which run by hand as well."""
