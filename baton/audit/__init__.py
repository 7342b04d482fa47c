"""Who changed what when, and whether what the ledgers say is what they said."""
