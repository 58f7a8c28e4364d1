"""The addresses of the service: one module for each resource.

A new derivative is a schema module, a routes module with an `ENDPOINT` and a line in
service/endpoints.py; a new page is a routes module with a `blueprint` and a line in
service/app.py.
"""
