"""HJ 212 on the wire: framing, checks, fields, answers. No Django, no sockets.

Reference (plain Python, what the words of docs/hj212.md say): `framing`, `decode`, `encode`, `answers`, `requests`,
`assembly`, `factors`. `fast` gives the same results as columns, many packets at a time.
"""
