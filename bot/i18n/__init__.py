"""Languages, catalogs and the way values are written in them."""
