"""The shop's pages. Nothing is left to do here.

The description of a product is the supplier's HTML, and the contract with him says that it is shown as it is.
"""

from html import escape

from .models import Product

PRODUCT = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{name}</title>
<link rel="stylesheet" href="/static/shop.css">
<script src="/static/shop.js" defer></script>
</head>
<body>
<h1>{name}</h1>
<img src="/static/mug.svg" alt="">
<div>{description}</div>
<p id="status"></p>
</body>
</html>
"""
EMBED = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Shop</title>
<link rel="stylesheet" href="/static/shop.css">
<script src="/static/shop.js" defer></script>
</head>
<body>
<p id="status"></p>
</body>
</html>
"""
"""What others show in a frame of their own pages."""


def make_product_page(product: Product) -> str:
    """Return the page of a product."""
    return PRODUCT.format(name=escape(product.name), description=product.description)
