"""Everything public as files, described for those who use it again."""
