"""The release files of byref, one module each."""
