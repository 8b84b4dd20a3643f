"""Understanding Mongolian as people type it: normalisation, places, intents.

`normalize` is shared with Rasa's own environment (Python 3.10, other packages), so this
package imports nothing by itself.
"""
