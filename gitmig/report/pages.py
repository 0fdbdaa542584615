"""Rules as pages: for `gitmig explain`, and for docs/rules.md."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitmig.rules.rule import Rule

FAMILIES = {
    "GM0": "What cannot be read",
    "GM1": "The graph",
    "GM2": "Published history",
    "GM3": "Models and revisions",
    "GM4": "Danger",
    "GM5": "The way back",
}


def render_page(rule: Rule, *, markdown: bool = False) -> str:
    """One rule: its head line and its docstring."""
    head = f"{rule.code} {rule.name} ({severity_text(rule)})"
    page = rule.documentation.strip()
    return f"## {head}\n\n{deeper(page)}\n" if markdown else f"{head}\n\n{page}\n"


def render_index(rules: Iterable[Rule], *, markdown: bool = False) -> str:
    """One line a rule: code, name, severity, first sentence."""
    rules = tuple(rules)
    if markdown:
        rows = [
            f"| [{rule.code}](#{anchor(rule)}) | {rule.name} | {severity_text(rule)} | {summary(rule)} |"
            for rule in rules
        ]
        return "| code | name | default | what |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
    width = max(len(rule.name) for rule in rules)
    lines = [f"{rule.code}  {rule.name:<{width}}  {rule.severity:<7}  {summary(rule)}" for rule in rules]
    return "\n".join(lines) + "\n"


def render_rules_document(rules: Iterable[Rule]) -> str:
    """The whole of docs/rules.md."""
    rules = tuple(rules)
    parts = [
        "# Rules\n",
        "<!-- written by `python -m gitmig.report.pages`; edit the docstrings in gitmig/rules/ -->\n",
        render_index(rules, markdown=True),
    ]
    for family, title in FAMILIES.items():
        members = [rule for rule in rules if rule.code.startswith(family)]
        if members:
            parts.append(f"# {title}\n")
            parts += [render_page(rule, markdown=True) for rule in members]
    return "\n".join(parts)


def summary(rule: Rule) -> str:
    return rule.documentation.strip().splitlines()[0]


def severity_text(rule: Rule) -> str:
    modes = ", ".join(f"{severity} in mode {mode}" for mode, severity in sorted(rule.in_mode.items()))
    return rule.severity + (f"; {modes}" if modes else "") + (", fixable" if rule.fixable else "")


def anchor(rule: Rule) -> str:
    return (
        f"{rule.code} {rule.name} ({severity_text(rule)})".lower()
        .translate({ord(mark): None for mark in "(),;"})
        .replace(" ", "-")
    )


def deeper(page: str) -> str:
    """Headings one level further down, so that a page fits below its rule."""
    return "\n".join(f"#{line}" if line.startswith("## ") else line for line in page.splitlines())


if __name__ == "__main__":
    import sys

    from gitmig.rules.registry import load_rules

    sys.stdout.write(render_rules_document(load_rules()))
