"""Images in object stores: S3 and what speaks its language, Google, Azure, plain web servers."""
