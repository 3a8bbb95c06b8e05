"""What people write into cells, read or refused with a reason. No Django, no database."""
