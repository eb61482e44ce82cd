"""Who is responsible and what to do: pure functions over data, no I/O after start."""
