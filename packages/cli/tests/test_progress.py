"""What a long analysis says of the time that is left."""

from affekt_cli.progress import Windows


def test_what_is_left_is_estimated_from_the_windows_that_took_time():
    windows = Windows(240)
    assert windows.describe(0) == ""
    windows.begin(0)
    assert windows.describe(5) == "", "nothing is known in the first window"
    windows.begin(10)
    assert windows.describe(10) == " (window 2 of 240, 39:50 left)"
    assert windows.describe(14) == " (window 2 of 240, 39:46 left)"
    windows.begin(30)
    assert windows.describe(30) == " (window 3 of 240, 59:30 left)"


def test_windows_that_were_kept_from_before_a_kill_do_not_make_the_rest_seem_fast():
    windows = Windows(100)
    for number in range(51):
        windows.begin(number * 0.01)
    assert windows.describe(1) == " (window 51 of 100)"
    windows.begin(12.5)
    assert windows.describe(12.5) == " (window 52 of 100, 9:48 left)"


def test_a_recording_longer_than_its_headers_claim_has_no_estimate():
    windows = Windows(1)
    windows.begin(0)
    windows.begin(5)
    assert windows.describe(6) == " (window 2)"
    unknown = Windows(None)
    unknown.begin(0)
    unknown.begin(5)
    assert unknown.describe(6) == " (window 2)"
