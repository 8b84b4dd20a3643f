"""What the bot knows, as data: places, entitlements, budgets, survey forms.

The YAML and CSV files are the content; the modules beside them read, check and word it.
"""
