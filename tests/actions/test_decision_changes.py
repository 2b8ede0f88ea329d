"""Changes of decisions, compared with plain sets of pairs and of files."""

import random
from itertools import combinations

import pytest

from fastdup.actions.decision_changes import groups_of, with_more, without, without_number
from fastdup.workdir.decision_file import KEEP, NO_DECISIONS, NOT_COPIES, DecidedFile

N_FILES = 7


def file(number, what=NOT_COPIES):
    return DecidedFile(0, what, f"/{number}.jpg", 5, f"{number:032x}")


def state_of(decided):
    """Return the pairs that are no copies, and the files that are kept."""
    pairs, kept = set(), set()
    for files in groups_of(decided):
        names = [int(one.path[1:-4]) for one in files]
        if files[0].decision == KEEP:
            kept |= set(names)
        else:
            pairs |= {frozenset(pair) for pair in combinations(names, 2)}
    return pairs, kept


def change(rng, decided, pairs, kept):
    """Return the decisions, and the state that they should be in, after a random change."""
    chosen = rng.sample(range(N_FILES), rng.randint(1, 4))
    all_pairs = {frozenset(pair) for pair in combinations(chosen, 2)}
    names = [(f"/{n}.jpg", rng.choice([f"{n:032x}", ""])) for n in chosen]
    deed = rng.choice(["set", "set", "keep", "forget", "only", "star", "number"])
    if deed == "set":
        return with_more(decided, [[*map(file, chosen)]]), pairs | all_pairs, kept
    if deed == "keep":
        groups = [[file(number, KEEP)] for number in chosen]
        return with_more(decided, groups), pairs, kept | set(chosen)
    if deed == "star" and len(chosen) > 1:
        gone = {frozenset({chosen[0], other}) for other in chosen[1:]}
        return without(names, NOT_COPIES, decided, is_star=True), pairs - gone, kept
    if deed == "number" and decided:
        one = rng.choice(list(decided.rows()))
        left = without_number(one.number, one.decision, one.digest, decided)
        assert without_number(one.number, one.decision, "f" * 32, decided) is decided
        return left, *state_of(left)
    gone = all_pairs
    if len(chosen) == 1:
        gone = {pair for pair in pairs if chosen[0] in pair}
    only = rng.choice([NOT_COPIES, KEEP]) if deed == "only" else None
    return (
        without(names, only, decided),
        pairs if only == KEEP else pairs - gone,
        kept if only == NOT_COPIES else kept - set(chosen),
    )


@pytest.mark.parametrize("seed", range(20))
def test_after_any_changes_the_decisions_are_those_of_plain_sets(seed):
    rng = random.Random(seed)
    decided, pairs, kept = NO_DECISIONS, set(), set()
    for _ in range(60):
        before = state_of(decided)
        after, pairs, kept = change(rng, decided, pairs, kept)
        assert state_of(after) == (pairs, kept)
        assert state_of(decided) == before  # it is not changed itself
        numbers = {(one.number, one.decision) for one in after.rows()}
        assert len(numbers) == len({number for number, _ in numbers})
        decided = after
