"""Answers recorded requests inside the project's own interpreter and settings, and leaves nothing behind.

Started by Escala's `verify` as `<interpreter> <this directory>` with one end of a socket pair as standard input; see
`channel` for the framing and `worker` for the messages. One process holds one version of the source: the files as they
are on disk, or a candidate's text laid over them (`overlay`).

What it never does: write a file of the project, commit a transaction, send mail, read or write a shared cache. What it
cannot undo: files that a view writes itself, and calls to other services.

Where the project's own tests are the replay, there is no worker: `../bootstrap` comes into every Python of the test run,
and `testrun` lays the candidate's text over the files and notes what the tests get to see.

Standard library and Django only. Start reading at `worker.serve`, or at `testrun.start`.
"""
