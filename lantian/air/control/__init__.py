"""Quality control for people: what the pages and the API of reviews, data quality, stations and series show."""
