from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kerastui.widgets.flow import cells, cut, cut_middle, flow, glue, heading, labelled, plain

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Mn", "Me")))
RUNS = st.lists(st.tuples(TEXT, st.sampled_from(["", "muted", "title"])), max_size=6)
WIDTH = st.integers(8, 100)


@given(RUNS, WIDTH, st.integers(0, 40))
def test_no_line_is_wider_than_asked(runs, width, hang):
    assert all(cells(line) <= width for line in flow(runs, width, hang=hang))


@given(RUNS, WIDTH)
def test_nothing_but_spaces_is_lost(runs, width):
    def ink(text):
        return text.replace(" ", "").replace("\u00a0", "")

    told = "".join(plain(line) for line in flow(runs, width))
    assert ink(told) == ink("".join(text for text, _ in runs))


@given(RUNS, WIDTH)
def test_every_character_keeps_its_role(runs, width):
    def roles(pieces):
        return [(c, role) for text, role in pieces for c in text if c not in " \u00a0"]

    assert roles(run for line in flow(runs, width) for run in line) == roles(runs)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=5), WIDTH)
def test_labelled_rows_fit(rows, width):
    table = [((label, "label"), [(value, "")]) for label, value in rows]
    assert all(cells(line) <= width for line in labelled(table, width, indent=2))


@given(TEXT, st.integers(1, 60))
def test_cut_texts_fit(text, width):
    assert cell_len(cut(text, width)) <= width
    assert cell_len(cut_middle(text, width)) <= width
    if cell_len(text) <= width:
        assert cut(text, width) == cut_middle(text, width) == text


@given(TEXT, TEXT, WIDTH)
def test_headings_fit(title, note, width):
    assert all(cells(line) <= width for line in heading(title, width, [(note, "muted")]))


def test_breaks_at_spaces_and_hangs():
    lines = flow([("one two three", "")], 8, first=(("- ", "muted"),), hang=2)
    assert [plain(line) for line in lines] == ["- one", "two", "three"]
    lines = flow([("one two three four", "")], 12, first=(("- ", "muted"),), hang=2)
    assert [plain(line) for line in lines] == ["- one two", "  three four"]


def test_glued_words_stay_together():
    lines = flow([("in " + glue("9.44 MB"), "")], 9)
    assert [plain(line) for line in lines] == ["in", "9.44 MB"]


def test_long_names_break_at_their_joints():
    lines = flow([("sparse_categorical_crossentropy", "")], 22)
    assert [plain(line) for line in lines] == ["sparse_categorical_", "crossentropy"]


def test_values_stand_in_one_column():
    rows = [(("units", "label"), [("4", "")]), (("activation", "label"), [("relu", "")])]
    assert [plain(line) for line in labelled(rows, 40)] == ["units       4", "activation  relu"]


def test_the_end_of_a_long_file_name_is_kept():
    assert cut_middle("a_very_long_name_of_a_model.hdf5", 20) == "a_very_lo…model.hdf5"
