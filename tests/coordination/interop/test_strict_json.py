"""JSON at the doors: what harms is refused by name."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordination.interop.strict_json import JSONError, strict_json

WRONG = {
    "nothing": (b"", "json_malformed"),
    "comma at the end": (b"[1,]", "json_malformed"),
    "two values": (b"{} {}", "json_malformed"),
    "byte order mark": (b"\xef\xbb\xbf{}", "json_malformed"),
    "control character": (b'"\x00"', "json_malformed"),
    "another encoding": ("«Київ»".encode("cp1251"), "json_encoding"),
    "overlong": (b'"\xc0\xaf"', "json_encoding"),
    "not a number": (b'{"lon": NaN}', "json_not_finite"),
    "infinity": (b"[-Infinity]", "json_not_finite"),
    "beyond a float": (b"[1e999]", "json_number_too_large"),
    "beyond 64 bits": (b"9223372036854775808", "json_number_too_large"),
    "a million digits": (b"9" * 1_000_000, "json_number_too_large"),
    "key twice": (b'{"people": 3, "people": 4}', "json_doubled_key"),
    "key twice below": (b'[{"a": {"b": 1, "\\u0062": 2}}]', "json_doubled_key"),
    "nul": (b'{"name": "a\\u0000b"}', "json_nul"),
    "nul in a key": (b'{"\\u0000": 1}', "json_nul"),
    "half a pair": (b'["\\ud800"]', "json_surrogate"),
    "half a pair in a key": (b'{"\\udfff": 1}', "json_surrogate"),
    "65 lists": (b"[" * 65 + b"]" * 65, "json_too_deep"),
    "65 objects": (b'{"a":' * 65 + b"1" + b"}" * 65, "json_too_deep"),
    "a million lists": (b"[" * 1_000_000, "json_too_deep"),
    "a million objects": (b'{"a":' * 1_000_000, "json_too_deep"),
}


@pytest.mark.parametrize(("content", "code"), WRONG.values(), ids=WRONG)
def test_json_wrong_is_refused_by_name_and_at_once(content: bytes, code: str) -> None:
    began = time.perf_counter()
    with pytest.raises(JSONError) as caught:
        strict_json(content)
    assert (caught.value.code, bool(caught.value.message)) == (code, True)
    assert time.perf_counter() - began < 0.2


def test_json_malformed_says_where() -> None:
    with pytest.raises(JSONError, match="This is not JSON: line 2, column 3"):
        strict_json(b"{\n  people: 3}")


@pytest.mark.parametrize(
    "value", [None, True, 0, -1.5, "", "Київ 🏠", [], {}, 2**63 - 1, 1e308, {"": [{"a": None}]}, {"a": 1, "A": 2}]
)
def test_json_right_is_read(value: object) -> None:
    assert strict_json(json.dumps(value).encode()) == value


def test_json_64_levels_are_read() -> None:
    assert strict_json(b"[" * 64 + b"]" * 64)


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(1 - 2**63, 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
)
values = st.recursive(
    scalars, lambda below: st.lists(below, max_size=4) | st.dictionaries(texts, below, max_size=4), max_leaves=10
)


@given(values)
def test_whatever_was_written_is_read_back(value: object) -> None:
    assert strict_json(json.dumps(value).encode()) == value


@given(st.binary(max_size=40))
def test_whatever_comes_is_read_as_the_standard_library_reads_it_or_refused(content: bytes) -> None:
    try:
        value = strict_json(content)
    except JSONError:
        return
    assert value == json.loads(content)


def test_naughty_strings_are_read_unchanged(shared_data: Path) -> None:
    content = (shared_data / "hostile/blns.json").read_bytes()
    assert strict_json(content) == json.loads(content)
