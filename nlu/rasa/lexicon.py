"""How words are written, learnt from Cyrillic text: every spelling of a word becomes one.

The sentence model knows words by their right spelling, and not galig's or a slip's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from nlu.normalize import fold

_TELLING = frozenset("өү")


class Lexicon:
    """The usual spelling of each word, by a skeleton that keeps ю, я and ё apart."""

    def __init__(self, spellings: dict[str, str]) -> None:
        self.spellings = spellings

    @classmethod
    def learn(cls, words: Iterable[str]) -> Lexicon:
        """From canonical words: the commonest spelling, those with ө or ү counted threefold.

        Who types ө or ү has the letters; who types о and у may only lack them.
        """
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for word in words:
            counts[_key(word)][word] += 3 if _TELLING & set(word) else 1
        return cls({key: seen.most_common(1)[0][0] for key, seen in counts.items()})

    def restore(self, word: str) -> str:
        """The usual spelling of a canonical word, or the word when it is not known."""
        return self.spellings.get(_key(word), word)


def _key(word: str) -> str:
    return fold(word.replace("ю", "иу").replace("я", "иа").replace("ё", "ио"))
