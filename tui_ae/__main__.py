"""``python -m tui_ae`` runs the same command as ``tui-ae``."""

import sys

from tui_ae.cli import main

sys.exit(main())
