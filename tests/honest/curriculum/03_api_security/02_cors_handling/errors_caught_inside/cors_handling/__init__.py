"""The shop with `add_middleware`: unexpected errors are answered further inside, where CORS sees them."""
