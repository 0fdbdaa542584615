"""SQL text as tokens, in the spellings of PostgreSQL, MySQL and SQLite, and a cursor to read them with."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LEXEME = r"""
      (?P<space>\s+|--[^\n]*|\#[^\n>-][^\n]*|/\*.*?(?:\*/|$))
    | (?P<dollar>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
    | (?P<string>[eEbBxXnN]?'(?:[^'\\]|''|\\.)*')
    | (?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[\s*[A-Za-z_][^\]'"]*\])
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<word>[\w\ufffd@:%$][\w\ufffd$@%]*)
    | (?P<sign>::|:=|<=|>=|<>|!=|\|\||->>|->|.)
    """


class Token:
    """`kind` is word, quoted (an identifier), string, dollar (a quoted body), number or sign; `value` is unquoted."""

    __slots__ = ("end", "kind", "start", "value", "word")

    def __init__(self, kind: str, value: str, start: int, end: int) -> None:
        self.kind = kind
        self.value = value
        self.word = value.upper() if kind == "word" else value if kind == "sign" else ""
        self.start = start
        self.end = end


def tokenize(text: str) -> list[Token]:
    found: list[Token] = []
    for match in re.finditer(_LEXEME, text, re.VERBOSE | re.DOTALL):
        kind = match.lastgroup or "sign"
        if kind == "space":
            continue
        value = match.group()
        if kind in _QUOTES:
            value = _unquoted(kind, value)
        found.append(Token(kind, value, match.start(), match.end()))
    return found


_QUOTES = frozenset({"quoted", "string", "dollar"})


def _unquoted(kind: str, text: str) -> str:
    if kind == "quoted":
        return text[1:-1].replace(text[0] * 2, text[0]).strip() if text[0] != "[" else text[1:-1].strip()
    if kind == "string":
        body = text[text.index("'") + 1 : -1]
        return body.replace("''", "'").replace("\\'", "'")
    if kind == "dollar":
        tag = text[: text.index("$", 1) + 1]
        return text[len(tag) : -len(tag)]
    return text


def statements(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The statements of a text, split at semicolons."""
    current: list[Token] = []
    for token in tokens:
        if token.kind == "sign" and token.value == ";":
            if current:
                yield current
            current = []
        else:
            current.append(token)
    if current:
        yield current


class Cursor:
    """Reads tokens from left to right."""

    def __init__(self, tokens: Sequence[Token], text: str) -> None:
        self.tokens = tokens
        self.text = text
        self.at = 0

    @property
    def done(self) -> bool:
        return self.at >= len(self.tokens)

    def peek(self, ahead: int = 0) -> str:
        """The upper-case word or sign that comes, "" at the end or before anything else."""
        position = self.at + ahead
        return self.tokens[position].word if position < len(self.tokens) else ""

    def accept(self, *words: str) -> bool:
        """Takes these words if they all come next."""
        for ahead, word in enumerate(words):
            if self.peek(ahead) != word:
                return False
        self.at += len(words)
        return True

    def accept_any(self, *words: str) -> str:
        word = self.peek()
        if word and word in words:
            self.at += 1
            return word
        return ""

    def take(self) -> Token | None:
        if self.done:
            return None
        self.at += 1
        return self.tokens[self.at - 1]

    def identifier(self) -> str:
        """One identifier, "" when none comes."""
        if self.done:
            return ""
        token = self.tokens[self.at]
        if token.kind not in ("word", "quoted"):
            return ""
        self.at += 1
        return token.value

    def name(self) -> str:
        """A dotted name as the key of a table; the default namespaces are left out."""
        parts = [self.identifier()]
        while self.peek() == ".":
            self.at += 1
            parts.append(self.identifier())
        if not parts[0]:
            return ""
        parts = parts[-2:]
        if len(parts) == 2 and parts[0].lower() in ("public", "dbo"):
            parts = parts[1:]
        return ".".join(parts)

    def bracket(self) -> Cursor | None:
        """The inside of the bracket that comes."""
        if self.peek() != "(":
            return None
        depth = 0
        start = self.at
        while self.at < len(self.tokens):
            depth += {"(": 1, ")": -1}.get(self.tokens[self.at].word, 0)
            self.at += 1
            if depth == 0:
                break
        end = self.at - 1 if depth == 0 else self.at
        return Cursor(self.tokens[start + 1 : end], self.text)

    def parts(self) -> list[Cursor]:
        """What is left, split at commas outside of brackets."""
        found: list[Cursor] = []
        depth, start = 0, self.at
        for position in range(self.at, len(self.tokens)):
            word = self.tokens[position].word
            depth += 1 if word in ("(", "[") else -1 if word in (")", "]") else 0
            if word == "," and depth == 0:
                found.append(Cursor(self.tokens[start:position], self.text))
                start = position + 1
        if start < len(self.tokens):
            found.append(Cursor(self.tokens[start:], self.text))
        self.at = len(self.tokens)
        return found

    def rest(self) -> str:
        """The source of what is left."""
        if self.done:
            return ""
        return self.text[self.tokens[self.at].start : self.tokens[-1].end].strip()

    def source(self, start: int, end: int) -> str:
        """The source of the tokens from `start` up to `end`."""
        return self.text[self.tokens[start].start : self.tokens[end - 1].end] if start < end else ""

    def whole(self) -> str:
        return self.source(0, len(self.tokens))

    def until(self, *words: str) -> str:
        """The source up to one of the words, outside of brackets."""
        start, depth = self.at, 0
        while not self.done:
            word = self.peek()
            if depth == 0 and word in words:
                break
            depth += 1 if word == "(" else -1 if word == ")" else 0
            self.at += 1
        return self.source(start, self.at)
