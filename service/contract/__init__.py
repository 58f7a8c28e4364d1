"""openapi.yaml, from the schemas and the op table."""
