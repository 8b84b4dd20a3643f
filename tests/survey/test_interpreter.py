"""Walking forms: every question type, and what expressions make of the answers."""

from __future__ import annotations

import pytest

from conversations.survey.interpreter import Rejected
from tests.survey.forms import Walker, form

YES_NO = """
| choices |
| | list_name | name | label |
| | yn | y | Yes |
| | yn | n | No |
"""


def test_every_type_is_asked_in_its_order() -> None:
    types = [
        "select_one yn", "select_multiple yn", "rank yn", "integer", "decimal", "text", "date",
        "time", "datetime", "geopoint", "image", "audio", "video", "file", "acknowledge",
    ]  # fmt: skip
    rows = "\n".join(f"| | {kind} | q{i} | Question {i} |" for i, kind in enumerate(types))
    made = form(f"| survey |\n| | type | name | label |\n{rows}\n{YES_NO}")
    assert [node.kind for node in made.questions] == [kind.split()[0] for kind in types]


def test_a_question_is_asked_only_when_it_is_relevant() -> None:
    walker = Walker(
        form(f"""
        | survey |
        | | type | name | label | relevant |
        | | select_one yn | paid | Paid? | |
        | | integer | amount | How much? | ${{paid}} = 'y' |
        | | text | why | Why? | |
        {YES_NO}""")
    )
    walker.answer("paid", "n")
    assert walker.at == "why"
    walker.answer("paid", "y")
    assert walker.at == "amount"


def test_an_answer_that_is_no_longer_relevant_is_kept_but_not_reported() -> None:
    walker = Walker(
        form(f"""
        | survey |
        | | type | name | label | relevant | calculation |
        | | select_one yn | paid | Paid? | | |
        | | integer | amount | How much? | ${{paid}} = 'y' | |
        | | calculate | twice | | | ${{amount}} * 2 |
        {YES_NO}""")
    )
    walker.answers(paid="y", amount="5")
    assert walker.values["twice"] == "10"
    walker.answer("paid", "n")
    assert walker.values == {"paid": "n"}
    walker.answer("paid", "y")
    assert walker.values["amount"] == "5"
    assert walker.at == ""


def test_a_hidden_group_hides_what_is_in_it() -> None:
    walker = Walker(
        form(f"""
        | survey |
        | | type | name | label | relevant |
        | | select_one yn | has | Has? | |
        | | begin_group | g | G | ${{has}} = 'y' |
        | | text | a | A | |
        | | end_group | | | |
        | | note | n | A was ${{a}}. | |
        | | text | z | Z | |
        {YES_NO}""")
    )
    walker.answers(has="y")
    walker.answer("g/a", "here")
    walker.answer("has", "n")
    assert walker.at == "z"
    assert walker.label("n") == "A was ."


def test_a_constraint_refuses_with_the_forms_words_and_changes_nothing() -> None:
    walker = Walker(
        form("""
        | survey |
        | | type | name | label | constraint | constraint_message |
        | | integer | age | Age? | . >= 0 and . <= 120 | Between 0 and 120, please. |
    """)
    )
    with pytest.raises(Rejected, match="constraint") as refused:
        walker.answer("age", "121")
    assert refused.value.message == "Between 0 and 120, please."
    assert walker.values == {}
    walker.answer("age", "120")
    assert walker.values == {"age": "120"}


def test_a_required_question_cannot_be_skipped() -> None:
    walker = Walker(
        form("""
        | survey |
        | | type | name | label | required | required_message |
        | | text | name | Name? | yes | We need it. |
        | | text | more | More? | | |
    """)
    )
    with pytest.raises(Rejected, match="required") as refused:
        walker.skip("name")
    assert refused.value.message == "We need it."
    walker.answer("name", "x")
    walker.skip("more")
    assert walker.at == ""


CASCADE = """
| survey |
| | type | name | label | choice_filter |
| | select_one aimag | aimag | Aimag? | |
| | select_one soum | soum | Soum? | aimag = ${aimag} |
| choices |
| | list_name | name | label | aimag |
| | aimag | uvs | Uvs | |
| | aimag | khovd | Khovd | |
| | soum | tes | Tes | uvs |
| | soum | malchin | Malchin | uvs |
| | soum | buyant | Buyant | khovd |
"""


def test_a_cascade_offers_what_belongs_to_the_choice_before() -> None:
    walker = Walker(form(CASCADE))
    walker.answer("aimag", "uvs")
    assert walker.names("soum") == ["tes", "malchin"]
    with pytest.raises(Rejected, match="choice"):
        walker.answer("soum", "buyant")


def test_a_choice_that_is_no_longer_offered_is_asked_again() -> None:
    walker = Walker(form(CASCADE))
    walker.answers(aimag="uvs", soum="tes")
    walker.answer("aimag", "khovd")
    assert walker.at == "soum"
    assert walker.values == {"aimag": "khovd"}


def test_a_required_question_without_any_choice_is_no_dead_end() -> None:
    nowhere = CASCADE.replace("| choice_filter |", "| choice_filter | required |").replace(
        "aimag = ${aimag} |", "aimag = ${aimag} and name = 'nowhere' | yes |"
    )
    walker = Walker(form(nowhere))
    walker.answer("aimag", "uvs")
    walker.skip("soum")
    assert walker.at == ""


def test_or_other_asks_to_specify() -> None:
    walker = Walker(
        form(f"""
        | survey |
        | | type | name | label |
        | | select_one yn or_other | q | Q? |
        {YES_NO}""")
    )
    assert walker.names("q") == ["y", "n", "other"]
    walker.answer("q", "other")
    assert walker.at == "q_other"
    walker.answer("q", "y")
    assert walker.at == ""


def test_once_and_uuid_stay_as_they_were() -> None:
    walker = Walker(
        form("""
        | survey |
        | | type | name | label | calculation |
        | | integer | a | A? | |
        | | calculate | id | | once(uuid()) |
        | | calculate | chance | | once(random() + ${a}) |
    """)
    )
    before = walker.values["id"]
    assert len(before) == 36
    walker.answer("a", "1")
    chance = walker.values["chance"]
    walker.answer("a", "2")
    assert walker.values["id"] == before
    assert walker.values["chance"] == chance


def test_labels_of_choices_are_spoken_in_the_language_of_the_moment() -> None:
    walker = Walker(
        form("""
        | survey |
        | | type | name | label::Mongolian (mn) | label::English (en) | calculation |
        | | select_one yn | q | Асуулт? | Question? | |
        | | note | n | Та ${said} гэв. | You said ${said}. | |
        | | calculate | said | | | jr:choice-name(${q}, '${q}') |
        | choices |
        | | list_name | name | label::Mongolian (mn) | label::English (en) |
        | | yn | y | Тийм | Yes |
    """),
        locale="mn",
    )
    walker.answer("q", "y")
    assert walker.label("n") == "Та Тийм гэв."
    assert walker.walk.shown(walker.spot("q")) == "Тийм"
    walker.locale = "en"
    assert walker.label("q") == "Question?"
    assert walker.walk.shown(walker.spot("q")) == "Yes"


def test_a_missing_translation_falls_back_to_another_language() -> None:
    walker = Walker(
        form("""
        | survey |
        | | type | name | label::Mongolian (mn) | label::English (en) | hint::English (en) |
        | | text | q | Асуулт? | | Briefly. |
    """),
        locale="en",
    )
    assert walker.label("q") == "Асуулт?"
    walker.locale = "mn"
    assert walker.walk.hint(walker.spot("q")) == "Briefly."


def test_tables_are_looked_up_and_chosen_from() -> None:
    files = {"posts.csv": b"name,label,soum,doctor\np1,Post 1,tes,Bold\np2,Post 2,tes,Saran\n"}
    walker = Walker(
        form(
            """
        | survey |
        | | type | name | label | choice_filter | calculation |
        | | text | soum | Soum? | | |
        | | select_one_from_file posts.csv | post | Post? | soum = ${soum} | |
        | | calculate | doctor | | | pulldata('posts', 'doctor', 'name', ${post}) |
    """,
            files,
        )
    )
    walker.answer("soum", "tes")
    assert walker.names("post") == ["p1", "p2"]
    walker.answer("post", "p2")
    assert walker.values["doctor"] == "Saran"


def test_a_choice_among_what_was_told_before() -> None:
    walker = Walker(
        form("""
        | survey |
        | | type | name | label | repeat_count |
        | | begin_repeat | child | Child | 2 |
        | | text | name | Name? | |
        | | end_repeat | | | |
        | | select_one ${name} | eldest | Who is the eldest? | |
    """)
    )
    walker.answer("child[1]/name", "Bat")
    walker.answer("child[2]/name", "Tuya")
    assert walker.names("eldest") == ["Bat", "Tuya"]


def test_defaults_and_triggers() -> None:
    walker = Walker(
        form("""
        | survey |
        | | type | name | label | default | calculation | trigger |
        | | integer | a | A? | 7 | | |
        | | date | d | D? | today() | | |
        | | calculate | copy | | | ${a} | ${d} |
    """)
    )
    assert walker.values["a"] == "7"
    assert walker.values["d"] == "2026-11-24"
    assert "copy" not in walker.values
    walker.answer("d", "2026-01-01")
    assert walker.values["copy"] == "7"


def test_dates_count_whole_local_days_as_in_javarosa() -> None:
    walker = Walker(
        form("""
        | survey |
        | | type | name | label | constraint | calculation |
        | | date | born | Born? | . <= today() | |
        | | calculate | days | | | today() - ${born} |
        | | calculate | year | | | format-date(${born}, '%Y') |
        | | calculate | next | | | date(${born} + 1) |
    """)
    )
    with pytest.raises(Rejected):
        walker.answer("born", "2026-11-25")
    walker.answer("born", "2026-11-20")
    assert walker.values["days"] == "4"
    assert walker.values["year"] == "2026"
    assert walker.values["next"] == "2026-11-21"


def test_places_are_measured() -> None:
    walker = Walker(
        form("""
        | survey |
        | | type | name | label | calculation |
        | | geopoint | a | A? | |
        | | geopoint | b | B? | |
        | | calculate | m | | round(distance(concat(${a}, ';', ${b})), 0) |
    """)
    )
    walker.answers(a="47.0 106.0 0 0", b="48.0 106.0 0 0")
    assert int(walker.values["m"]) == 111_319


def test_a_later_answer_that_no_longer_fits_is_asked_again_at_the_end() -> None:
    walker = Walker(
        form("""
        | survey |
        | | type | name | label | constraint | constraint_message |
        | | integer | all | All? | | |
        | | integer | some | Some? | . <= ${all} | Not more than all. |
    """)
    )
    walker.answers(all="10", some="8")
    walker.answer("all", "5")
    walk = walker.walk
    problem = walk.problem()
    assert problem is not None
    assert (problem[0].ref, problem[1]) == ("some", "Not more than all.")
    assert walk.current() == problem[0]


def test_progress_counts_what_is_relevant() -> None:
    walker = Walker(
        form(f"""
        | survey |
        | | type | name | label | relevant |
        | | select_one yn | a | A? | |
        | | note | n | Note | |
        | | text | b | B? | ${{a}} = 'y' |
        | | text | c | C? | |
        {YES_NO}""")
    )
    assert walker.walk.progress() == (1, 2)
    walker.answer("a", "y")
    assert walker.walk.progress() == (2, 3)


def test_randomised_choices_keep_their_order_for_one_case() -> None:
    rows = "\n".join(f"| | l | c{i} | C{i} |" for i in range(8))
    walker = Walker(
        form(f"""
        | survey |
        | | type | name | label | parameters |
        | | select_one l | q | Q? | randomize=true |
        | choices |
        | | list_name | name | label |
        {rows}""")
    )
    order = walker.names("q")
    assert sorted(order) == [f"c{i}" for i in range(8)]
    assert walker.names("q") == order
