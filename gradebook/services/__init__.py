"""Every write of the journal and of the transfers: `lessons`, `journal`, `transfers`, `endpoints`."""
