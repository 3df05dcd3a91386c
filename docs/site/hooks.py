"""The site is made of the project's own Markdown files, of the notebooks and of the docstrings of the public names."""

import html
import inspect
import json
import logging
import os
import re
from importlib import import_module
from pathlib import Path

from mkdocs.structure.files import File

from colonnade.public import PACKAGES, public_names

log = logging.getLogger("mkdocs.site")
ROOT = Path(__file__).resolve().parents[2]
PAGES = {"README.md": "index.md", "config/README.md": "config.md", "profiles/README.md": "profiles.md"}
CELLS = {"stream": "text", "execute_result": "text/plain", "display_data": "text/plain"}


def on_files(files, config):
    """Add the pages that are no Markdown files of the folder of docs."""
    for source, page in PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=_with_links_of_the_site(text, Path(source).parent)))
    for path in sorted((ROOT / "docs").glob("*.ipynb")):
        files.append(File.generated(config, f"{path.stem}.md", content=_notebook(path)))
    for module, names in public_names().items():
        files.append(File.generated(config, f"api/{module}.md", content=_api(module, names)))
    return files


def on_page_markdown(markdown, page, config, files):
    """Turn links to code into its name: the site has pages only; a link to a file that is not there is a warning."""
    source = page.file.src_uri
    if source in PAGES.values() or source.startswith("api/"):
        return markdown
    return _with_links_of_the_site(markdown, Path("docs") / Path(source).parent)


def _with_links_of_the_site(text: str, folder: Path) -> str:
    """Return a page of the project with links to where the files are in the site; code of the project is named only."""

    def replaced(match):
        label, target = match.groups()
        if re.match(r"[a-z]+:|#", target):
            return match.group()
        path, _, anchor = os.path.normpath(folder / target).partition("#")
        if path.startswith("docs/"):
            page = path.removeprefix("docs/").replace(".ipynb", ".md")
            return f"{label}({page}#{anchor})" if anchor else f"{label}({page})"
        if path in PAGES:
            return f"{label}({PAGES[path]})"
        if not (ROOT / path).exists():
            log.warning("%s: a link to %s, which is not there", folder, target)
        return label.removeprefix("[").removesuffix("]")

    return re.sub(r"(!?\[[^\]]*\])\(([^)\s]+)\)", replaced, text)


def _notebook(path: Path) -> str:
    """Return a notebook with its outputs as Markdown."""
    parts = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        parts.append(f"```python\n{source}\n```")
        for output in cell["outputs"]:
            data = output.get("data", {})
            if "image/png" in data:
                parts.append(f'<img alt="output" src="data:image/png;base64,{"".join(data["image/png"]).strip()}">')
            elif "".join(output.get("text", data.get("text/plain", ""))).strip():
                said = html.escape("".join(output.get("text", data.get("text/plain", ""))))
                parts.append(f"<pre>{said}</pre>")
    return "\n\n".join(parts)


def _api(module: str, names: list[str]) -> str:
    """Return the page of a module: each public name with its signature and docstring."""
    lines = [f"# {module}", PACKAGES.get(module, inspect.getdoc(import_module(module)) or "")]
    for name in names:
        thing = getattr(import_module(module), name)
        lines += [f"## {name}", f"```python\n{_signature(name, thing)}\n```", _words(thing)]
        for method, about in sorted(vars(thing).items()) if inspect.isclass(thing) else ():
            function = about.__func__ if isinstance(about, classmethod | staticmethod) else about
            if not method.startswith("_") and inspect.isfunction(function) and function.__doc__:
                lines += [f"### {name}.{method}", f"```python\n{_signature(method, function)}\n```", _words(function)]
    return "\n\n".join(filter(None, lines))


def _signature(name: str, thing) -> str:
    try:
        return f"{name}{inspect.signature(thing)}"
    except (TypeError, ValueError):
        return name


def _words(thing) -> str:
    """Return a docstring as Markdown, in which names stand between single marks."""
    return html.escape((inspect.getdoc(thing) or "").replace("``", "`"), quote=False)
