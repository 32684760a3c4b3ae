"""What the organisation knows and tells: articles for the desk and for everybody, with approval and feedback."""
