"""Who holds a lease: a name that says where to look, and that no other worker has."""

from __future__ import annotations

import os
import socket
import uuid


def new_holder() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
