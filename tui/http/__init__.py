"""Look-ups over HTTP: one route that gives a record, and says where it came from.

The application (`application.py`) is plain ASGI, so that a key reaches the service as the
request spelled it; `server.py` runs it on uvicorn, whose connections `connections.py` bounds.
"""
