"""Words of Mongolian however typed, for Rasa's featurizers and extractors."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from nlu.normalize import fold, words


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class MongolianTokenizer(Tokenizer):
    """Tokens whose `text` is canonical Cyrillic and whose `lemma` is the skeleton.

    `start` and `end` stay those of the text as typed, so that entities are what was typed.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Rasa's own options, all off: intents are labels, not text."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """The tokens of one attribute; at least one, since featurizers need one."""
        text = message.get(attribute) or ""
        tokens = [
            Token(word.canonical, word.start, word.end, lemma=fold(word.canonical))
            for word in words(text)
        ]
        return self._apply_token_pattern(tokens or [Token("?", 0, max(1, len(text)), lemma="?")])
