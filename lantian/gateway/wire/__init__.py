"""HJ 212 on the wire: framing, checks, fields, answers. No Django, no sockets."""
