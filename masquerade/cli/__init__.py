"""The command `masquerade`: a module a command, or a few that belong together.

main.py     all of them in one group
options.py  the options that they share, and what these open
sources.py  images in files, folders and archives

A module imports nothing heavy until its command runs: help and shell completion answer at once.
"""
