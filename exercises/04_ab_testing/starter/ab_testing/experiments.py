"""The experiments: what their file must hold, and how it is read while the app serves."""
