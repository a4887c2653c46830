"""Reading a school's list of pupils from a spreadsheet: bytes → rows → columns → pupils → what saving would change.

Nothing here touches the database, so each step can be tried alone.
"""
