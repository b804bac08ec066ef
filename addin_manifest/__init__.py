"""Manifests of the Office add-in."""
