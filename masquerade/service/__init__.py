"""The recognition system over HTTP, with a page.

settings.py  what an operator chooses
tokens.py    who may do what
guard.py     lets a request in before its body is read
limits.py    how often
body.py      how much, and how slowly
worker.py    the one thread of the model
judge.py     what a judge makes of a template
observe.py   a line in the log for each request, and metrics
app.py       the requests
page.py      page/, and the documentation of the requests
serve.py     TLS, start and stop
"""
