"""The frame of a page that is one file: head, colours for light and dark, escaping.  Loads nothing.

Contrast of every text against its ground is at least 4.5 to 1 in both schemes.
"""

from __future__ import annotations

from html import escape

from gitmig.report.escape import safe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

STYLE = """
:root {
  color-scheme: light dark;
  --ground: #ffffff; --raised: #f6f8fa; --text: #1f2328; --quiet: #57606a; --line: #d0d7de; --link: #0550ae;
  --bad: #b3261e; --warn: #8a5a00; --good: #1a6b33;
}
@media (prefers-color-scheme: dark) {
  :root { --ground: #0d1117; --raised: #161b22; --text: #e6edf3; --quiet: #9ea7b3; --line: #3d444d; --link: #79c0ff;
    --bad: #ff8f87; --warn: #f2c14e; --good: #7ee2a0; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem 1.25rem 4rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0.5rem 0 0.25rem; } h2 { font-size: 1.2rem; margin: 2.25rem 0 0.5rem; }
p { margin: 0.35rem 0; max-width: 75ch; } a { color: var(--link); }
code { font: 0.9em ui-monospace, monospace; overflow-wrap: anywhere; }
.skip { position: absolute; left: -999rem; } .skip:focus { position: static; }
.quiet { color: var(--quiet); } .bad { color: var(--bad); } .warn { color: var(--warn); } .good { color: var(--good); }
.scroll { overflow: auto; max-width: 100%; border: 1px solid var(--line); border-radius: 6px; }
.scroll:focus-visible, a:focus-visible, summary:focus-visible { outline: 3px solid var(--link); outline-offset: -2px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: 0.5rem 0.6rem; color: var(--quiet); font-size: 0.9rem; }
th, td { border-top: 1px solid var(--line); padding: 0.3rem 0.6rem; text-align: left; vertical-align: top; }
thead th { background: var(--raised); white-space: nowrap; } .day { white-space: nowrap; }
figure { margin: 0; } figcaption { color: var(--quiet); font-size: 0.9rem; } svg { display: block; max-width: none; }
svg text { font: 13px system-ui, sans-serif; fill: var(--text); } svg .quiet { fill: var(--quiet); }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_SKIP = ("content", "Skip to the content")


def text(value: str) -> str:
    """Text of a repository for HTML, elements and attributes: control characters shown, markup inert."""
    return escape(safe(value), quote=True)


def page(title: str, body: Iterable[str], *, style: str = "", script: str = "", skip: tuple[str, str] = _SKIP) -> str:
    """The whole file; `title` is plain text, `body` are lines of HTML.

    `style` comes after STYLE, `script` is the only one that may run, `skip` is the first link: its id and its text.
    """
    policy = f"{_POLICY}; script-src '{_hash_of(script)}'" if script else _POLICY
    head = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{text(title)}</title>",
        f"<style>{STYLE}{style}</style></head><body>",
        f'<a class="skip" href="#{skip[0]}">{text(skip[1])}</a>',
    ]
    end = [f"<script>{script}</script></body></html>" if script else "</body></html>"]
    return "\n".join([*head, *body, *end]) + "\n"


def _hash_of(script: str) -> str:
    from base64 import b64encode
    from hashlib import sha256

    return f"sha256-{b64encode(sha256(script.encode('utf-8')).digest()).decode('ascii')}"


def table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table in a box that scrolls, reachable by keyboard; cells are HTML already, the first one names its row."""
    yield f'<div class="scroll" tabindex="0" role="region" aria-label="{text(caption)}"><table>'
    yield f"<caption>{text(caption)}</caption><thead><tr>"
    yield "".join(f'<th scope="col">{text(one)}</th>' for one in headings) + "</tr></thead><tbody>"
    for first, *others in rows:
        yield f'<tr><th scope="row" class="day">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in others) + "</tr>"
    yield "</tbody></table></div>"
