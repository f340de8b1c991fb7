"""A fresh, real uvicorn process for every test, started in a few milliseconds.

A `Runner` starts processes; a `Server` is one running app as a test sees it; a `Launcher` starts those of one run.
Where there is `fork`, a warm process (`ladder.inside.zygote`) forks each server, which listens on a Unix socket that
was open before: a client may connect at once, and nothing polls. Elsewhere a plain `python -m uvicorn` on a loopback
port does the same, slower.
"""
