"""Elements nest as the markup nests them, also where HTML would not allow it."""

from automation.core.extract.markup import Node, read_markup


def read(markup: str) -> list[Node]:
    everything: list[Node] = []
    read_markup(markup, Node, everything)
    return everything


def outline(node: Node) -> str:
    inner = ", ".join(child if isinstance(child, str) else outline(child) for child in node.children)
    return f"{node.tag}({inner})"


def test_a_block_in_a_paragraph_and_a_link_in_a_link_stay_there():
    body = read("<body><p>One<div><a>Two<a>Three</a></a></div></p></body>")[0]
    assert outline(body) == "body(p(One, div(a(Two, a(Three)))))"


def test_every_element_knows_what_stands_around_it_and_in_it():
    body, form, field, label, after = read("<body><form><input/><label>x</label></form><p/></body>")
    assert list(field.ancestors()) == [form, body]
    assert (list(form.descendants()), list(field.descendants())) == ([field, label], [])
    assert [body.contains(after), form.contains(label), form.contains(after), form.contains(form)] == [
        True,
        True,
        False,
        False,
    ]


def test_attributes_are_read_unescaped_and_an_empty_one_is_set():
    (only,) = read('<a title="&quot;1 &lt; 2&quot;" disabled="">x</a>')
    assert (only.attribute("title"), only.has("disabled"), only.has("href")) == ('"1 < 2"', True, False)
    assert (only.attribute("disabled", "otherwise"), only.attribute("href", "otherwise")) == ("", "otherwise")


def test_of_markup_that_breaks_off_the_elements_before_that_are_read():
    everything = read("<body><p>One</p><div><b>Two</b><<i>Three</i></div></body>")
    assert outline(everything[0]) == "body(p(One), div(b(Two)))"
    assert list(everything[0].descendants()) == everything[1:]


def test_no_markup_has_no_elements():
    assert read("") == []


def test_half_a_letter_does_not_hide_what_follows():
    assert [outline(each) for each in read("<p>cut \ud83d here<b>after</b></p>")][1] == "b(after)"


def test_markup_that_declares_something_is_none_of_ours():
    assert read('<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><p>&b;</p>') == []
