"""What can go wrong, as a tree.

::

    KerastuiError            one clear sentence for the user; a title for a dialog
    ├── UnreadableFile       the file cannot be opened or is not what it claims
    │   ├── NotAModelFile    it opens, but it is no Keras model (SavedModel, LFS pointer, …)
    │   └── UnsafeFile       a guard refused it (links, bombs, absurd sizes)
    ├── BadEdit              an edit does not fit the description
    ├── SaveFailed           nothing was written, or what was written is not what was meant
    │   ├── FileChanged      the file on disk is not the one that was opened
    │   └── SaveCancelled    the user stopped it; the old file is untouched
    ├── JournalDamaged       a journal of edits is damaged, or of another version
    ├── ClerkDied            the process that reads and writes files ended unexpectedly
    ├── SessionError         a question that the Keras process cannot answer
    │   ├── NoKeras          no interpreter with a Keras that is of use
    │   ├── LoadFailed       Keras, or a guard before it, did not load the file
    │   └── WorkerDied       the Keras process ended unexpectedly
    └── UsageError           a command line that makes no sense

The sentence says what is wrong, where, and what to do. It may quote text that came
from a file; whoever shows it passes it through `kerastui.model.text.safe_text`.
"""

from typing import cast


class KerastuiError(Exception):
    """Base of everything that kerastui raises on purpose."""

    title = "Something went wrong"


class UnreadableFile(KerastuiError):
    """The file cannot be read: absent, no permission, truncated, corrupt."""

    title = "Cannot read this file"


class NotAModelFile(UnreadableFile):
    """The file is whole, but not a Keras model file."""

    title = "Not a Keras model file"


class UnsafeFile(UnreadableFile):
    """The file is refused because reading it would follow links or exhaust memory."""

    title = "Refused for safety"


class BadEdit(KerastuiError):
    """An edit that the description cannot take."""

    title = "This cannot be changed"


class SaveFailed(KerastuiError):
    """The target is as it was before."""

    title = "Not saved"


class FileChanged(SaveFailed):
    """The file on disk was replaced or altered after it was opened."""

    title = "The file has changed on disk"


class SaveCancelled(SaveFailed):
    """The user cancelled the save before the rename."""

    title = "Save cancelled"


class JournalDamaged(KerastuiError):
    """The journal of an earlier session cannot be read; the message goes on "because …"."""

    title = "The journal cannot be read"


class ClerkDied(KerastuiError):
    """The helper process that touches files ended; edits are kept, it can be restarted."""

    title = "The file process has stopped"


class SessionError(KerastuiError):
    """The Keras process answered that it cannot; `fields` hold what else it said."""

    title = "Keras says no"

    def __init__(self, message: str, **fields: object) -> None:
        super().__init__(message)
        self.fields = fields

    @property
    def lines(self) -> tuple[str, ...]:
        """What is to be said besides the sentence, line by line (``fields["lines"]``)."""
        found = self.fields.get("lines")
        return (
            tuple(map(str, cast("tuple[object, ...]", found))) if isinstance(found, tuple) else ()
        )


class NoKeras(SessionError):
    """No Keras was found, or one that is too old; the message says what to install."""

    title = "No Keras"


class LoadFailed(SessionError):
    """The model was not loaded.

    ``fields["why"]`` is ``file``, ``code`` (`fields["places"]`: it holds code, and nobody
    agreed), ``links``, ``answers`` (`fields["problems"]`), ``keras``, ``memory`` or
    ``interrupted``; ``fields["details"]`` all that Keras said.
    """

    title = "Keras cannot load this file"


class WorkerDied(SessionError):
    """The Keras process ended; edits are kept, it can be started again."""

    title = "The Keras process has stopped"


class UsageError(KerastuiError):
    """Wrong arguments on the command line."""

    title = "Usage"
