"""What happened to a document since it was last saved, on disk: edits survive a crash.

A journal is a folder of its own for each process and model file, below a folder of all
journals (``recorder`` writes it, ``recall`` reads it)::

    journals/KEY-TIME-PID/       KEY is the hash of the model file's real path
        lock                     held while the process lives: two kerastuis never share one
        journal.jsonl            a header, then a line a step (``lines``)
        values/                  arrays that lay in temporary files

Saving, and leaving without, removes it. What is found with its lock free was left by a process
that died.
"""
