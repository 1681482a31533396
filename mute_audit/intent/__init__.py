"""What people declare: files that they write, read strictly and with the line of every error.

yaml_source  YAML with the place of every value; shared by policies, waivers, configuration
written      the base of all models of such files
baseline     the intended state of an estate
"""
