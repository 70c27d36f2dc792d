"""Work that costs much time or large libraries, done in one child process that lives only while it is needed."""
