"""Where the chosen language is remembered before anybody has logged in."""

LANGUAGE_COOKIE = "lantian_language"
