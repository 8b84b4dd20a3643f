"""Letter n-grams of skeletons and of consonants, weighted by tf-idf: what a word looks like."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer

from nlu.normalize import strip_vowels

_DIGIT = re.compile(r"\d")
_KINDS = {"letters": "skeleton", "consonants": "consonants"}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SkeletonNgrams(SparseFeaturizer, GraphComponent):
    """Two blocks of sentence features, each of length one: n-grams of letters and consonants."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`letters` and `consonants` are n-gram ranges, `min_df` the least utterances."""
        return {
            **SparseFeaturizer.get_default_config(),
            "letters": [2, 5],
            "consonants": [1, 4],
            "min_df": 2,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SkeletonNgrams:
        """An untrained component."""
        return cls(config, execution_context.node_name, model_storage, resource)

    def __init__(
        self, config: dict[str, Any], name: str, storage: ModelStorage, resource: Resource
    ) -> None:
        super().__init__(name, config)
        self._storage, self._resource, self._name = storage, resource, name
        self._vectorizers: dict[str, TfidfVectorizer] = {}

    def train(self, training_data: TrainingData) -> Resource:
        """Learn which n-grams there are and how telling each is."""
        texts = [_skeleton(message) for message in training_data.training_examples]
        for kind in _KINDS:
            vectorizer = self._vectorizer(kind)
            vectorizer.fit([_view(text, kind) for text in texts])
            self._vectorizers[kind] = vectorizer
        self._persist()
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add features to the training examples."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add features to messages."""
        texts = [_skeleton(message) for message in messages]
        blocks = [
            self._vectorizers[kind].transform([_view(text, kind) for text in texts])
            for kind in _KINDS
        ]
        rows = scipy.sparse.hstack(blocks, format="csr").astype(np.float32)
        for number, message in enumerate(messages):
            features = Features(rows[number].tocoo(), FEATURE_TYPE_SENTENCE, TEXT, self._name)
            message.add_features(features)
        return messages

    def _vectorizer(self, kind: str, vocabulary: Iterable[str] | None = None) -> TfidfVectorizer:
        return TfidfVectorizer(
            analyzer="char_wb",
            ngram_range=tuple(self._config[kind]),
            min_df=1 if vocabulary else self._config["min_df"],
            sublinear_tf=True,
            lowercase=False,
            vocabulary=vocabulary,
        )

    def _persist(self) -> None:
        with self._storage.write_to(self._resource) as folder:
            for kind, vectorizer in self._vectorizers.items():
                names = vectorizer.get_feature_names_out().tolist()
                (folder / f"{kind}.json").write_text(
                    json.dumps(names, ensure_ascii=False), encoding="utf-8"
                )
                np.save(folder / f"{kind}.npy", vectorizer.idf_)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SkeletonNgrams:
        """The component as trained; plain data, nothing is unpickled."""
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            for kind in _KINDS:
                names = json.loads((folder / f"{kind}.json").read_text(encoding="utf-8"))
                vectorizer = component._vectorizer(kind, names)
                vectorizer.idf_ = np.load(folder / f"{kind}.npy", allow_pickle=False)
                component._vectorizers[kind] = vectorizer
        return component

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to check beyond Rasa's own checks."""


def _skeleton(message: Message) -> str:
    tokens = message.get(TOKENS_NAMES[TEXT]) or []
    return _DIGIT.sub("0", " ".join(token.lemma for token in tokens))


def _view(skeleton: str, kind: str) -> str:
    if kind == "letters":
        return skeleton
    return " ".join(strip_vowels(word) for word in skeleton.split())
