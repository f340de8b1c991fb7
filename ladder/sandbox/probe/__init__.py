"""An app that tries to break out of the sandbox; `ladder doctor` runs it there."""
