"""A fresh, real server for each test."""
