"""Man page, Markdown reference and shell completions, made from the parser of the command line.

``python -m cli_pages OUT`` writes them all; the wheel and the Debian package carry them.
"""
