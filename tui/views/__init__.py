"""The Textual side: the app, its screens and what they are made of."""
