"""WHAT the neighbours mean: pairs, outliers, components. Pure functions on arrays, no files."""
