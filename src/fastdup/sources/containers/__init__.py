"""Files that hold many images: archives, videos, data sets; read where they are."""
