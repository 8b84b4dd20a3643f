"""The commands every channel offers in its menu; what they do is the conversation's affair.

A channel hands a chosen command over as the text "/name", as if it had been typed.
"""

COMMANDS = ("menu", "survey", "place", "language", "privacy", "stop", "help")
