"""The process that makes one document: `python -m gateway.trace_documents.bulk pdf|xlsx`, its layout as JSON on
stdin, the file on stdout.

It bounds itself before it begins. The fonts and tables of a long trace take seconds of processor, which no request
may take from the others.
"""

from __future__ import annotations

import os
import resource
import sys
from typing import Final

import orjson

from gateway.trace_documents.bulk_pdf import as_pdf
from gateway.trace_documents.bulk_xlsx import as_xlsx
from gateway.trace_documents.rules import read

MEMORY_BYTES: Final = 1 << 30
PROCESSOR_SECONDS: Final = 60
_MADE_BY: Final = {"pdf": as_pdf, "xlsx": as_xlsx}


def main() -> None:
    """Make the one document; the same trace gives the same bytes."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    found = read(orjson.loads(sys.stdin.buffer.read()))
    # The subset of a font says when it was made: when the trace was.
    os.environ["SOURCE_DATE_EPOCH"] = str(int(found.made_at.timestamp()))
    sys.stdout.buffer.write(_MADE_BY[sys.argv[1]](found))


if __name__ == "__main__":
    main()
