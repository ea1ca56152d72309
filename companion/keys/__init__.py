"""Where key-encryption keys are kept, and the choice between the places.

`choice.py` is the way in. `keychain.py` talks to the operating system's keychain through a child process,
`key_file.py` to a file of this user; both keep the same text, `held.py`, for each data folder.
"""
