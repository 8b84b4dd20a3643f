"""The intent of a message: a kernel machine over letters and meaning together."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import scipy.linalg
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

OUT_OF_SCOPE = "out_of_scope"
DECIDED = "decided"
"""Set on a message whose intent an earlier classifier is sure of."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class KernelClassifier(GraphComponent, IntentClassifier):
    """Kernel ridge regression, one output an intent (Saunders et al., 1998).

    Two messages are as alike as the mean of their likeness in letters, in consonants (the
    sparse features) and in meaning (the dense ones), plus an offset, squared: the square
    lets what is said and how it is put count together. Unlike Rasa's own classifiers it
    predicts retrieval intents whole ("ask_entitlement/…"). Confidence is a softmax at a
    temperature chosen, like all options, by cross-validation.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`blocks` is how many sparse blocks of length one there are, `dense` the weight of
        meaning beside them, `ridge` the regularisation; `out_of_scope` is added to that
        output, so that few messages in scope are refused. A classifier decides messages
        from a confidence of `sure` on, and leaves the others to the one after it."""
        return {
            "blocks": 2,
            "dense": 1.0,
            "offset": 0.2,
            "ridge": 0.05,
            "temperature": 0.15,
            "out_of_scope": 0.0,
            "sure": 0.0,
            "ranking": 10,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> KernelClassifier:
        """An untrained component."""
        return cls(config, model_storage, resource)

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config, self._storage, self._resource = config, storage, resource
        self._labels: list[str] = []
        self._known = scipy.sparse.csr_matrix((0, 0), dtype=np.float32)
        self._meanings = np.zeros((0, 0), dtype=np.float32)
        self._weights = np.zeros((0, 0), dtype=np.float32)

    def train(self, training_data: TrainingData) -> Resource:
        """Solve for the weight of every example in every intent's output."""
        examples = [message for message in training_data.intent_examples if message.get(TEXT)]
        if not examples:
            return self._resource
        letters, self._meanings = self._features(examples)
        self._known = letters.T.tocsr()
        intents = np.array([message.get_full_intent() for message in examples])
        self._labels = sorted(set(intents.tolist()))
        wanted = np.where(intents[:, None] == np.array(self._labels), 1.0, -1.0)
        likeness = self._likeness(letters, self._meanings).astype(np.float64)
        likeness[np.diag_indices_from(likeness)] += self._config["ridge"]
        self._weights = scipy.linalg.solve(likeness, wanted, assume_a="pos").astype(np.float32)
        self._persist()
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent and ranking."""
        open_ones = [message for message in messages if not message.get(DECIDED)]
        if not self._labels or not open_ones:
            return messages
        for message, chances in zip(open_ones, self._confidences(open_ones), strict=True):
            if chances.max() < self._config["sure"]:
                continue
            best = np.argsort(-chances)[: self._config["ranking"]]
            ranking = [
                {"name": self._labels[at], "confidence": round(float(chances[at]), 4)}
                for at in best
            ]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
            message.set(DECIDED, True)
        return messages

    def _confidences(self, messages: list[Message]) -> np.ndarray:
        outputs = self._likeness(*self._features(messages)) @ self._weights
        if OUT_OF_SCOPE in self._labels:
            outputs[:, self._labels.index(OUT_OF_SCOPE)] += self._config["out_of_scope"]
        outputs /= self._config["temperature"]
        odds = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        return odds / odds.sum(axis=1, keepdims=True)

    def _likeness(self, letters: scipy.sparse.csr_matrix, meanings: np.ndarray) -> np.ndarray:
        """The kernel between messages and the training examples."""
        dense = self._config["dense"] if meanings.size else 0.0
        alike = (letters @ self._known).toarray()
        if dense:
            alike += dense * (meanings @ self._meanings.T)
        return (alike / (self._config["blocks"] + dense) + self._config["offset"]) ** 2

    def _features(self, messages: list[Message]) -> tuple[scipy.sparse.csr_matrix, np.ndarray]:
        """The sparse and the dense sentence features of messages."""
        letters = [message.get_sparse_features(TEXT)[1].features for message in messages]
        sparse = scipy.sparse.csr_matrix(letters[0]) if len(letters) == 1 else None
        if sparse is None:
            sparse = scipy.sparse.vstack(letters, format="csr")
        if not self._config["dense"]:
            return sparse, np.zeros((len(messages), 0), dtype=np.float32)
        meanings = [message.get_dense_features(TEXT)[1].features for message in messages]
        return sparse, np.vstack(meanings)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing to add for components that follow."""
        return training_data

    def _persist(self) -> None:
        with self._storage.write_to(self._resource) as folder:
            (folder / "labels.json").write_text(json.dumps(self._labels), encoding="utf-8")
            scipy.sparse.save_npz(folder / "known.npz", self._known)
            np.save(folder / "meanings.npy", self._meanings)
            np.save(folder / "weights.npy", self._weights)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> KernelClassifier:
        """The component as trained; plain data, nothing is unpickled."""
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            component._labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
            component._known = scipy.sparse.load_npz(folder / "known.npz")
            component._meanings = np.load(folder / "meanings.npy", allow_pickle=False)
            component._weights = np.load(folder / "weights.npy", allow_pickle=False)
        return component

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to check beyond Rasa's own checks."""
