"""What one place's air is like: distributions, calendar, months, years side by side, episodes, a day's hours. No Django."""
