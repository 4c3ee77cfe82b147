import pytest
import torch
from affekt import ComponentError
from affekt_encoding.batching import buckets, in_batches, is_out_of_memory


def allocate_too_much():
    torch.empty(2**50)  # a pebibyte: torch's own allocator refuses


def test_results_come_in_the_order_of_the_items():
    seen = []

    def run(batch):
        seen.append(batch)
        return [item.upper() for item in batch]

    words = ["one", "three", "two", "seven", "a", "six"]
    assert in_batches(words, run, length=len, most=2) == ["ONE", "THREE", "TWO", "SEVEN", "A", "SIX"]
    assert seen == [["three", "seven"], ["one", "two"], ["six"], ["a"]]


def test_only_equal_lengths_share_a_batch_unless_padding_is_allowed():
    lengths = [10, 9, 10, 3, 9]
    assert buckets(lengths, 8) == [[0, 2], [1, 4], [3]]
    assert buckets(lengths, 8, padding=0.1) == [[0, 2, 1, 4], [3]]
    assert buckets(lengths, 8, padding=1) == [[0, 2, 1, 4, 3]]
    assert buckets([], 8) == []


@pytest.mark.parametrize("most", [1, 3, 8])
def test_a_batch_that_does_not_fit_is_halved_until_it_does(most):
    sizes = []

    def run(batch):
        if len(batch) > 2:
            allocate_too_much()
        sizes.append(len(batch))
        return [2 * item for item in batch]

    items = list(range(11))
    assert in_batches(items, run, length=lambda _: 1, most=most) == [2 * item for item in items]
    assert max(sizes) <= 2


def test_an_item_too_large_for_memory_is_an_error_that_says_so():
    with pytest.raises(ComponentError, match="single item of length 7"):
        in_batches([7], lambda _: allocate_too_much(), length=int, most=4)


def test_other_errors_are_not_taken_for_a_lack_of_memory():
    calls = []

    def run(batch):
        calls.append(batch)
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="cannot be multiplied"):
        in_batches([1, 2], run, length=lambda _: 1, most=4)
    assert calls == [[1, 2]]


def test_every_allocator_is_understood():
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"))
    assert is_out_of_memory(RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes"))
    assert is_out_of_memory(RuntimeError("MPS backend out of memory"))
    assert is_out_of_memory(MemoryError())
    assert not is_out_of_memory(RuntimeError("shape mismatch"))
    with pytest.raises(RuntimeError) as caught:
        allocate_too_much()
    assert is_out_of_memory(caught.value)
