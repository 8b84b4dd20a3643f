"""What names people in free text is hidden; the quick look before it overlooks nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.masking import masked
from nlu.masking import _HIDDEN, may_name

PIECES = (
    *(
        "99112233",
        "+976 9911-2233",
        "9 9 1 1 2 2 3 3",
        "УБ12345678",
        "аа 12345678",
        "12345",
        "1234",
    ),
    *("a@b.mn", "@dulmaa", "https://x.mn/a", "WWW.x.mn", "t.me/x", "м.ме", "Намайг Дулмаа гэдэг"),
    *("NAMAIG Bold gedeg", "миний нэр Бат", "ner min Bat", "нэр минь Бат", "өвөл", " ", "\n", "-"),
)


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=6).map("".join))
def test_a_text_that_is_passed_over_holds_nothing_to_hide(text: str) -> None:
    if not may_name(text):
        assert [pattern.pattern for pattern, _ in _HIDDEN if pattern.search(text)] == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Над руу 9911-2233 дугаараар залга", "Над руу [phone] дугаараар залга"),
        ("+976 88001122", "[phone]"),
        ("РД: УБ12345678", "РД: [register]"),
        ("Намайг Дулмаа гэдэг, өвөл хүйтэн", "Намайг [name] гэдэг, өвөл хүйтэн"),
        ("bat@example.mn  www.onoo.mn", "[mail] [link]"),
    ],
)
def test_masking(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_other_texts_stay_to_the_last_blank() -> None:
    for text in ("Анги  хүйтэн,\n12 хэм", "5 сурагчид 3 ном", "  Өвөл   хүйтэн 345 "):
        assert masked(text) == text
