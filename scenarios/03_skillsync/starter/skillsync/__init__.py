"""SkillSync, a collaborative learning platform."""
