"""Settings, routes and the WSGI application: the top floor, which knows every room."""
