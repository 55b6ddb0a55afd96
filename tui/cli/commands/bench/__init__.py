"""`hitmiss bench`: what the Lab shows, without a screen."""
