"""The verbs of aid, one file each: what may happen, in one transaction, with its history and its event."""
