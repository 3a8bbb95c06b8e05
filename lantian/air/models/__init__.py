"""What the air room keeps in the database. Measured values and flags lie in the observation store."""
