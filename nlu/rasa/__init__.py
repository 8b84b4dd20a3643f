"""Rasa's side of understanding: components, training and the server, in Rasa's environment."""
