"""The verbs of the air room: each checks the scope, is one transaction and one audit entry. Re-exported here: the door."""
