"""What a request mentions: values, columns and colours, found before the model reads it.

Linking offers; it decides nothing. Every value or column that it finds becomes a slot that the
model may use in the rule, and the model alone chooses the rule.
"""

from model.linking.linker import ColumnMention, Linked, Slot, link

__all__ = ["ColumnMention", "Linked", "Slot", "link"]
