"""What to search for (RFC 9051 section 6.4.4).

    Query(unseen=True, from_="pager", since=date(2026, 11, 1)) & ~Query(subject="test")
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Iterable, List, Mapping, Union

from .errors import UsageError

__all__ = ["Query"]

_FLAGS = {
    "all", "answered", "deleted", "draft", "flagged", "new", "old", "recent", "seen", "unanswered",
    "undeleted", "undraft", "unflagged", "unseen",
}  # fmt: skip
_TEXTS = {"bcc", "body", "cc", "from_", "subject", "text", "to", "x_gm_raw", "x_gm_labels"}
_WORDS = {"keyword", "unkeyword", "filter", "emailid", "threadid"}
_DAYS = {
    "before", "on", "since", "sent_before", "sent_on", "sent_since", "saved_before", "saved_on",
    "saved_since",
}  # fmt: skip
_NUMBERS = {"larger", "smaller", "older", "younger", "modseq", "x_gm_msgid", "x_gm_thrid"}
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def _quoted(text: str) -> str:
    if not isinstance(text, str):
        raise TypeError(f"str expected, not {type(text).__name__}")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _day(day: Union[date, datetime]) -> str:
    if not isinstance(day, date):
        raise TypeError(f"date expected, not {type(day).__name__}")
    return f"{day.day}-{_MONTHS[day.month - 1]}-{day.year:04}"


def sequence_set(messages: Union[int, str, Iterable[int]]) -> str:
    """`[1, 2, 3, 7]` as "1:3,7"."""
    return ",".join(ranges(messages))


def ranges(messages: Union[int, str, Iterable[int]]) -> List[str]:
    if isinstance(messages, str):
        if not set(messages) <= set("0123456789:,*$"):
            raise UsageError(f"not a set of messages: {messages!r}", "INVALID_ARGUMENT")
        return [messages] if messages else []
    if isinstance(messages, (bool, bytes)):
        raise TypeError("messages: a number, numbers, or a set such as '1:3,7'")
    numbers = [messages] if isinstance(messages, int) else sorted(set(messages))
    out: List[str] = []
    at = 0
    while at < len(numbers):
        first = numbers[at]
        if isinstance(first, bool) or not isinstance(first, int):
            raise TypeError("messages: a number, numbers, or a set such as '1:3,7'")
        if not 0 < first <= 0xFFFFFFFF:
            raise UsageError(f"{first} is no number of a message", "INVALID_ARGUMENT")
        end = at
        while end + 1 < len(numbers) and numbers[end + 1] == numbers[end] + 1:
            end += 1
        out.append(str(first) if end == at else f"{first}:{numbers[end]}")
        at = end + 1
    return out


def text_of(query: Union[str, Query]) -> str:
    if not isinstance(query, (str, Query)):
        raise TypeError(f"query: a Query or str expected, not {type(query).__name__}")
    return str(query)


class Query:
    """Messages that match all of the keys. Combine by `&`, `|` and `~`.

    Keys are those of the RFCs in small letters. Flags (`seen=True`, `seen=False`), texts (`from_`,
    `to`, `subject`, `body`, …: one or several), days (`since`, `before`, `on`, `sent_since`, …: of
    `date`), numbers (`larger`, `smaller`, `younger`, …), `keyword`, `header={"List-Id": "x"}`, and
    `uid` and `sequence` (numbers, or a set such as "1:3,7").
    """

    __slots__ = ("_text",)

    def __init__(self, **keys: Any) -> None:
        words: List[str] = []
        for key, value in keys.items():
            name = key.rstrip("_").upper()
            if value is None:
                continue
            if key in _FLAGS:
                words.append(name if value else f"NOT {name}")
            elif key in _TEXTS or key in _WORDS:
                name = name.replace("X_GM_", "X-GM-")
                for text in [value] if isinstance(value, str) else value:
                    words.append(f"{name} {_quoted(text) if key in _TEXTS else _word(text)}")
            elif key in _DAYS:
                words.append(f"{name.replace('_', '')} {_day(value)}")
            elif key in _NUMBERS:
                if isinstance(value, bool) or not isinstance(value, int):
                    raise TypeError(f"{key}: int expected, not {type(value).__name__}")
                words.append(f"{name.replace('X_GM_', 'X-GM-')} {value}")
            elif key == "header":
                rows: Mapping[str, str] = value
                words.extend(f"HEADER {_word(field)} {_quoted(text)}" for field, text in rows.items())
            elif key == "uid":
                uids = sequence_set(value)
                words.append(f"UID {uids}" if uids else "NOT ALL")
            elif key == "sequence":
                words.append(sequence_set(value) or "NOT ALL")
            else:
                raise TypeError(f"no such search key: {key}")
        self._text = " ".join(words) or "ALL"

    @classmethod
    def raw(cls, text: str) -> Query:
        """Of keys as in the RFCs."""
        if not isinstance(text, str):
            raise TypeError(f"query: str expected, not {type(text).__name__}")
        out = cls()
        out._text = text or "ALL"
        return out

    def __and__(self, other: Query) -> Query:
        return Query.raw(f"{self._text} {other._text}") if isinstance(other, Query) else NotImplemented

    def __or__(self, other: Query) -> Query:
        return Query.raw(f"OR ({self._text}) ({other._text})") if isinstance(other, Query) else NotImplemented

    def __invert__(self) -> Query:
        return Query.raw(f"NOT ({self._text})")

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"Query.raw({self._text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Query) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


def _word(text: str) -> str:
    if not isinstance(text, str) or not text or set(text) & set(' ()"\\\r\n\0'):
        raise UsageError(f"not one word: {text!r}", "INVALID_ARGUMENT")
    return text
