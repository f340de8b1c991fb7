"""The rules that a lead must keep to qualify; they know no HTTP, so that a nightly import, say, can use them too."""
