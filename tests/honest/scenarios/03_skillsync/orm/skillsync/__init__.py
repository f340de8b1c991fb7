"""SkillSync on SQLAlchemy's ORM, with a table of words for the search."""
