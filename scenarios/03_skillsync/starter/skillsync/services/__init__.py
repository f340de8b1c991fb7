"""The rules of SkillSync, which know no HTTP, a module for each noun."""
