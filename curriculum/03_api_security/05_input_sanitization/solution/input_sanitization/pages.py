"""The pages: templates, which escape every value that they are given unless they say `|safe`."""

from pathlib import Path

from fastapi.templating import Jinja2Templates

templates = Jinja2Templates(Path(__file__).parent / "templates")
