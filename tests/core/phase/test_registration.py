"""Whole shifts of one image against the other are found, are the same turned round, and are none where none is sure."""

import numpy as np
import pytest
from fringelens.core.phase.registration import FEWEST, MOST, NONE, SIDE, Shift, find_shift, placed, squares

LENGTH = 5 * SIDE
MARGIN = MOST + 1


def logs(rng, coherence, looks=4):
    """Log intensities of even ground with a margin, drawn look by look from circular Gaussians."""

    def normal():
        size = (looks, LENGTH + 2 * MARGIN, LENGTH + 2 * MARGIN)
        return (rng.normal(size=size) + 1j * rng.normal(size=size)) / 2**0.5

    one = normal()
    two = coherence * one + np.sqrt(1 - coherence**2) * normal()
    return [np.log((np.abs(image) ** 2).mean(0)).astype(np.float32) for image in (one, two)]


def cut(image, row=0, column=0):
    return image[MARGIN - row :, MARGIN - column :][:LENGTH, :LENGTH]


def found(first, second, valid=None):
    return find_shift([squares(first, second, np.ones(first.shape, bool) if valid is None else valid)])


@pytest.mark.parametrize("shift", [(0, 0), (1, 0), (0, -1), (2, -1), (-3, 2), (MOST, -MOST)])
def test_a_whole_shift_is_found_and_turns_round_exactly_with_the_images(rng, shift):
    one, two = logs(rng, 0.5)
    first, second = cut(one), cut(two, *shift)
    assert found(first, second) == shift
    assert found(second, first) == (-shift[0], -shift[1])


def test_single_strong_points_and_holes_and_gain_do_not_mislead(rng):
    one, two = logs(rng, 0.5)
    first, second = cut(one).copy(), cut(two, 1, 2) + 3.0
    first[::23, ::29] += 6.0  # in the first image alone
    valid = np.ones(first.shape, bool)
    valid[40:70, 20:90] = False
    assert found(first * valid, second * valid, valid) == (1, 2)


def test_between_pixels_the_nearer_one_is_taken(rng):
    size = LENGTH + 2 * MARGIN
    spectrum = np.fft.fft(rng.normal(size=(4, size, size)) + 1j * rng.normal(size=(4, size, size)), axis=1)
    for shift, nearest in ((0.3, 0), (0.7, 1), (-1.4, -1), (-1.6, -2)):
        ramp = np.exp(-2j * np.pi * np.fft.fftfreq(size) * shift)[:, np.newaxis]
        two = np.fft.ifft(spectrum * ramp, axis=1)
        one = np.fft.ifft(spectrum, axis=1)
        first, second = (cut(np.log((np.abs(i) ** 2).mean(0)).astype(np.float32)) for i in (one, two))
        assert found(first, second) == (nearest, 0)


def test_none_is_found_where_nothing_is_shared_or_nothing_is_there(rng):
    (one, _), (_, two) = logs(rng, 0.0), logs(rng, 0.0)
    assert found(cut(one), cut(two)) == NONE
    flat = np.zeros((LENGTH, LENGTH), np.float32)
    assert not any(found(flat, flat) or NONE)
    assert not any(found(cut(one), flat) or NONE)
    assert found(flat, flat, flat > 0) is None
    assert find_shift([]) is None


def test_few_squares_say_nothing(rng):
    one, two = logs(rng, 0.9)
    parts = squares(cut(one), cut(two, 1, 1), np.ones((LENGTH, LENGTH), bool))
    assert find_shift([parts[:, : FEWEST - 1]]) is None
    assert find_shift([parts[:, :5], parts[:, 5:FEWEST]]) == (1, 1)


@pytest.mark.parametrize("shift", [Shift(rows, columns) for rows in range(-3, 4) for columns in (-2, 0, 3)])
def test_the_images_are_read_about_their_middle_the_same_pair_in_either_order(shift):
    first, second = shift.offsets
    assert tuple(np.subtract(second, first)) == shift
    assert Shift(-shift.rows, -shift.columns).offsets == (second, first)
    # The ground of first(x) is x + shift / 2 about the middle: what is read lies a half pixel further where it is odd.
    assert tuple(np.add(first, np.array(shift) / 2)) == tuple(0.5 * np.array(shift.between))


def test_reading_off_leaves_what_lies_beyond_empty():
    plane = np.arange(1, 13).reshape(3, 4)
    np.testing.assert_array_equal(placed(plane, (1, -2)), [[0, 0, 5, 6], [0, 0, 9, 10], [0, 0, 0, 0]])
    np.testing.assert_array_equal(placed(plane, (0, 0)), plane)
    assert not placed(plane > 0, (5, 0)).any()
