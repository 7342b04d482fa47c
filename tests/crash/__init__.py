"""Kill -9 at any moment; the run that follows must end as if nothing had happened."""
