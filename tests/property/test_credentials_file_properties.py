from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from companion.core.credentials_file import credentials_from_bytes, credentials_from_text
from companion.core.errors import InvalidInput
from companion.core.secret import Secret

values = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=64)
# Free text as a name field takes it, without what reading cannot tell from quoting around the whole.
names = (
    st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1, max_size=60)
    .map(str.strip)
    .filter(lambda name: name and name[0] not in "\"'`" and name[-1] not in ",;|")
)
line_ends = st.sampled_from(["\n", "\r\n", "\r", "\n\n"])
label_spelling = st.sampled_from([str.upper, str.lower, str.title])


@st.composite
def files(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    store_hash = draw(values.filter(lambda value: len(value) < 28))
    pairs = {
        "ACCESS TOKEN": draw(values),
        "CLIENT ID": draw(values),
        "CLIENT SECRET": draw(values),
        "API PATH": f"https://api.bigcommerce.com/stores/{store_hash}/v3/",
        "STORE HASH": store_hash,
    }
    name = draw(names)
    pairs |= dict.fromkeys(draw(st.sampled_from([("NAME",), ("CLIENT NAME",), ("NAME", "CLIENT NAME")])), name)
    spelling = draw(label_spelling)
    lines = [f"{spelling(label)}: {value}" for label, value in draw(st.permutations(list(pairs.items())))]
    return draw(line_ends).join(lines), pairs


@given(files())
def test_a_file_with_a_line_for_each_label_is_read_whatever_its_name_is(case: tuple[str, dict[str, str]]) -> None:
    text, pairs = case
    read = credentials_from_text(text)
    assert read.access_token == Secret(pairs["ACCESS TOKEN"])
    assert read.client_id == pairs["CLIENT ID"]
    assert read.client_secret == Secret(pairs["CLIENT SECRET"])
    assert read.name == (pairs.get("NAME") or pairs["CLIENT NAME"])
    assert read.store_hash == pairs["STORE HASH"]
    assert credentials_from_bytes(text.encode()) == read


@given(files(), st.data())
def test_a_file_that_was_cut_or_mixed_up_is_read_or_refused_without_repeating_a_secret(
    case: tuple[str, dict[str, str]], data: st.DataObject
) -> None:
    text, pairs = case
    start, end = sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))))
    refusal = ""
    try:
        credentials_from_text(text[end:] + text[:start] + text[start:end])
    except InvalidInput as refused:
        refusal = str(refused)
    for label in ("ACCESS TOKEN", "CLIENT SECRET"):
        assert len(pairs[label]) < 20 or pairs[label] not in refusal


@given(st.binary(max_size=2000))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        credentials_from_bytes(content)
    except InvalidInput:
        return
