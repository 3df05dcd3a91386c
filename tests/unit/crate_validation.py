"""Crates held against the profiles that rocrate-validator ships, without the network."""

import io
import json
from importlib.resources import files
from pathlib import Path

import requests
from rocrate_validator import models, services
from rocrate_validator.utils.http import HttpRequester
from urllib3 import HTTPResponse

PROFILE = "provenance-run-crate-0.5"
# What the context of the Workflow Run profiles defines of what we use; RO-Crate's own is in the package rocrate.
TERMS = "https://w3id.org/ro/terms/workflow-run#"
CONTEXTS = {
    "https://w3id.org/ro/terms/workflow-run/context": {
        "@context": {name: TERMS + name for name in ("ParameterConnection", "sha1", "resourceUsage", "environment")}
    }
}

# The package rocrate has a later version of RO-Crate's context than 1.1, in which these two stood elsewhere.
BIOSCHEMAS = {name: f"https://bioschemas.org/{name}" for name in ("ComputationalWorkflow", "FormalParameter")}


def violations(crate: Path, monkeypatch, cache: Path, severity: str = "REQUIRED") -> list[str]:
    """Return what the validator finds in a crate; of the web it sees the two contexts only."""
    known = dict(CONTEXTS)
    context = json.loads((files("rocrate") / "data" / "ro-crate.jsonld").read_text())
    context["@context"] |= BIOSCHEMAS
    known["https://w3id.org/ro/crate/1.1/context"] = context

    def send(adapter, request, **more):
        if request.url not in known:
            raise requests.ConnectionError(f"no network: {request.url}")
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = 200, request.url, request
        answer.headers["Content-Type"] = "application/ld+json"
        answer._content = json.dumps(known[request.url]).encode()
        answer.raw = HTTPResponse(io.BytesIO(answer._content), dict(answer.headers), 200, request_url=request.url)
        return answer

    place = str(cache / "http-cache")
    with monkeypatch.context() as patch:  # fills the validator's own cache, from which it then reads offline
        patch.setattr(requests.adapters.HTTPAdapter, "send", send)
        HttpRequester.reset()
        HttpRequester.initialize_cache(cache_path=place)
        for address in known:
            assert HttpRequester().get(address).status_code == 200
        HttpRequester.reset()
    settings = services.ValidationSettings(
        rocrate_uri=models.URI(str(crate)),
        profile_identifier=PROFILE,
        requirement_severity=getattr(models.Severity, severity),
        cache_path=place,
        offline=True,
        skip_availability_check=True,
    )
    result = services.validate(settings)
    return [f"{issue.check.identifier}: {issue.message}" for issue in result.get_issues()]
