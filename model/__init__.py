"""CodeFusion specialised for conditional formatting."""
