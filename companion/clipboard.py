"""The clipboard of the desktop, by pyperclip: pbcopy, wl-copy, xclip, xsel or the Windows API, whichever is there.

Its text goes to those programs by standard input, never as an argument. Programs that keep a history of the clipboard
have seen it all the same.
"""

from __future__ import annotations

from companion.core.errors import InvalidInput
from companion.core.secret import Secret


class Clipboard:
    """Takes one text, and lets go of it.

    Raises:
        InvalidInput: from each method; there is no clipboard here.
    """

    def put(self, text: Secret) -> None:
        """Put a text in place of what is there."""
        import pyperclip  # type: ignore[import-untyped]

        try:
            pyperclip.copy(text.reveal())
        except (pyperclip.PyperclipException, OSError):
            pass
        else:
            return
        raise InvalidInput(
            "There is no clipboard that can be reached from here.",
            why="On Linux it takes a desktop, and wl-clipboard, xclip or xsel.",
            next_step="Install one of them, or run the program that needs the value with `companion exec`.",
        )

    def clear_if_still(self, text: Secret) -> bool:
        """Empty the clipboard where it still holds `text`; returns whether it did, or could not be read."""
        import pyperclip

        try:
            if Secret(str(pyperclip.paste())) != text:
                return False
        except (pyperclip.PyperclipException, OSError, UnicodeDecodeError):
            pass  # rather emptied for nothing than left
        self.put(Secret(""))
        return True
