"""Ties a program to the process that started it, drops root if told to, and becomes that program.

Run as a script: tether.py PARENT_PID SIGNAL UID GID PROGRAM [ARGUMENT …] (UID -1 keeps the user).
A function run between fork and exec in a threaded Python can deadlock; a script that execs cannot.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Drop the user, ask the kernel for a signal on the parent's death, and exec."""
    parent, death_signal, uid, gid = (int(value) for value in sys.argv[1:5])
    library = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    # Changing the user clears the parent-death signal, so it is asked for afterwards.
    if library is not None:
        library.prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit("the process that asked for this program is gone")
    os.execv(sys.argv[5], sys.argv[5:])  # noqa: S606


if __name__ == "__main__":
    main()
