"""Train a model: `python -m nlu.rasa.train MODEL.tar.gz` in Rasa's environment."""

from __future__ import annotations

import logging
import sys
import tempfile
import uuid
from pathlib import Path

from rasa.model_training import train_nlu
from rasa.shared.nlu.training_data.training_data import TrainingData

HERE = Path(__file__).parent


def main(model: Path) -> None:
    """Train on nlu/data by config.yml and put the model in place only when it is whole."""
    logging.basicConfig(level=logging.ERROR)
    # Rasa fingerprints every token of every example after each step, to keep steps for the
    # next training: minutes of work. Here a model is kept or made as a whole (`nlu/model.py`).
    TrainingData.fingerprint = lambda _: uuid.uuid4().hex
    with tempfile.TemporaryDirectory(dir=model.parent) as folder:
        made = train_nlu(
            config=str(HERE / "config.yml"),
            nlu_data=str(HERE.parent / "data"),
            output=folder,
            fixed_model_name="model",
        )
        if made is None:
            sys.exit("Rasa made no model; is there training data in nlu/data?")
        Path(made).rename(model)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
