"""What repositories would refuse of the people and the licence that a config names."""

from collections.abc import Iterator

from colonnade.errors import InputError

USUAL = ("CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "ODbL-1.0", "PDDL-1.0", "MIT", "BSD-3-Clause",
         "Apache-2.0", "GPL-3.0-or-later")  # fmt: skip


def of_publication(config: dict, error) -> Iterator[InputError]:
    """Yield an error for each ORCID that is mistyped or stands twice, and for a licence that SPDX does not know."""
    seen: dict[str, int] = {}
    for number, author in enumerate(config["authors"]):
        orcid, key = author.get("orcid"), f"authors.{number}.orcid"
        if orcid and orcid[-1] != check_sign(orcid[:-1]):
            expected = f"one that ends in {check_sign(orcid[:-1])}, or another digit is mistyped"
            yield error("no ORCID: its last sign does not fit the others", key=key, value=orcid, expected=expected)
        elif orcid in seen:
            yield error(f"is that of authors.{seen[orcid]}, too", key=key, value=orcid)
        if orcid:
            seen.setdefault(orcid, number)
    licence = config.get("licence")
    if licence is not None and licence != (known := _known_licence(licence)):
        yield error("no licence of SPDX", key="licence", value=licence, expected=known, options=() if known else USUAL)


def check_sign(digits: str) -> str:
    """Return the last sign of an ORCID after its other ``digits``, by ISO 7064 MOD 11-2."""
    total = 0
    for digit in digits.replace("-", ""):
        total = (total + int(digit)) * 2
    rest = (12 - total % 11) % 11
    return "X" if rest == 10 else str(rest)


def _known_licence(name: str) -> str | None:
    """Return the identifier of SPDX that is meant, in its own spelling; None where there is none."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    try:
        known = canonicalize_license_expression(name)
    except InvalidLicenseExpression:
        return None
    return None if known.startswith("LicenseRef-") else known
