"""Air: from files of measured hours to days, statistics, assessment and rankings. What is here so far knows no Django."""
