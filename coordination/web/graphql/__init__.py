"""What every GraphQL type, connection and mutation is made of: rows by the guard, fields by disclosure, limits first.

Rows are loaded for all siblings at once and never by an object's own attribute, so that no relation can slip past the
guard and no field costs a statement per row.
"""
