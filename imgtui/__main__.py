"""`python -m imgtui`."""

import sys

from imgtui.cli import main

sys.exit(main())
