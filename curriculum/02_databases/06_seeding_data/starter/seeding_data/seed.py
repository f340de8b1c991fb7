"""Fill the shop's database with what its environment needs: `python -m seeding_data.seed`. This is yours to write.

`open_database` of `database.py` yields an engine for it, as it does for the app, and has created the tables by then.
"""


def main() -> None:
    """Seed as the command line and the settings say."""
    raise SystemExit("The seed is not written yet.")


if __name__ == "__main__":
    main()
