"""Manifests of the Office add-in: rendered for an organisation, packed and checked."""
