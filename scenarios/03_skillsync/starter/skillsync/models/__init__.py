"""The shapes of what SkillSync knows, a module for each noun."""
