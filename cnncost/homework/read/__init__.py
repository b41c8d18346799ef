"""Answer sheets to cells: files, headers, layer names, quantities."""
