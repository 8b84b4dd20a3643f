"""What the bot says: the engine, its dialogues and the survey interpreter.

Pure and synchronous: nothing here knows a channel, the web or a database driver.
"""
