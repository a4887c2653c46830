"""Pages of the journal, the lessons, the diary and the transfers, each noun in a module of its own."""
