"""`python -m nlu`: the same jobs as `main.py nlu`, as a process of their own."""

from nlu.commands import app

app()
