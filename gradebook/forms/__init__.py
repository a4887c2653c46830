"""What people send to the journal and the transfers."""
