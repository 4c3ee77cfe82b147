import inspect
import pickle

from affekt import AffektError, errors


def test_the_tree_in_the_docstring_names_every_error_and_its_builtin():
    drawn = errors.__doc__ or ""
    for name, kind in inspect.getmembers(errors, inspect.isclass):
        assert name in drawn
        for builtin in kind.__bases__:
            if not issubclass(builtin, AffektError) and kind is not AffektError:
                assert f"{name} ({builtin.__name__})" in drawn


def test_a_hint_is_the_last_line_and_survives_a_pickle():
    error = errors.SpecError("two problems", hint="affekt plugins")
    assert str(error).splitlines()[-1] == "Try: affekt plugins"
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is errors.SpecError
    assert str(again) == str(error)
