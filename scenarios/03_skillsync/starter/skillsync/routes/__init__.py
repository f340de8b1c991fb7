"""The paths of SkillSync, a module for each noun."""
