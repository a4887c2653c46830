"""The demonstration network: three invented schools in the middle of a school year."""
