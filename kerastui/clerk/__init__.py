"""The clerk: a process that opens, reads and saves files on the screen's behalf.

It exists for three reasons. Importing h5py takes as long as half of Textual, so the two are
imported side by side, on two cores. libhdf5 may crash on a corrupt file, and such a crash
must not take unsaved edits with it. And h5py holds the GIL while it reads, which would make
the screen wait.

`client.Clerk` is what the screen holds; `server` is the process; `frames` is how they talk.
"""
