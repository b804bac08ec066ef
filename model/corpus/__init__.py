"""The synthetic training corpus: schemas, requests written by hand, and what is made of them."""
