"""From a `Report` to files and screens: nothing here looks at a cloud, or judges.

Everything is made from the report alone, so a saved report renders later in every format and
in either language, and the same report always gives the same bytes.
"""
