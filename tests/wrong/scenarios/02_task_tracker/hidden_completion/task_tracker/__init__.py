"""A task tracker."""
