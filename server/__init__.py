"""The command line, the HTTP service and everything that touches workbooks."""
