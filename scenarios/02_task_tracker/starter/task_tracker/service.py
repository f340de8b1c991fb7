"""The rules of the tasks; they know no HTTP, so that a nightly job, say, can keep them as well."""
