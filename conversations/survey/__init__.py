"""XLSForm surveys: authoring, the form, its expressions, and a case as it is answered.

Pure: a step takes a form and a case and gives the case as it then stands.
"""
