"""What LibreOffice shows: the fill of every cell, conditional formats included."""

from server.checks.libreoffice import effective_fills

__all__ = ["effective_fills"]
