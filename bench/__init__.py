"""What ``make bench`` measures, on a server of its own: one module per subject, results in docs/benchmarks.json."""
