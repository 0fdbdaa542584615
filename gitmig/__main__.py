"""`python -m gitmig`, for where the program is not on the PATH."""

from __future__ import annotations

import sys

from gitmig.entry import main

sys.exit(main())
