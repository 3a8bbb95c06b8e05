"""Pages of the city room: people, roles, the own account."""
