"""The commands of the command line, by what they need: rules, workbooks or the model."""
