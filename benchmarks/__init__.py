"""Measurements that print a ratio against a limit or a peer measured in the same run. `python -m benchmarks [name …]`."""
