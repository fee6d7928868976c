"""Lines of maps: light, and the same for both countries of a border."""

from reports.drawing import simplified


def test_what_strays_less_than_asked_is_left_out():
    line = [(0, 0), (1, 0.1), (2, 0), (3, 5), (4, 0)]
    assert simplified(line, 1) == [(0, 0), (2, 0), (3, 5), (4, 0)]
    assert simplified(line, 0) == line


def test_a_border_is_one_line_in_both_directions():
    line = [(0, 0), (1, 2), (2, 0.5), (3, 3), (4, 0)]
    assert simplified(line[::-1], 1) == simplified(line, 1)[::-1]


def test_a_line_that_comes_back_to_its_beginning_keeps_its_shape():
    ring = [(0, 0), (4, 0), (4, 4), (0, 4), (0, 0)]
    assert simplified(ring, 1) == ring
