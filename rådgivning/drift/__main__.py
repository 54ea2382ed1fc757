"""`python -m rådgivning.drift VERB` is the same as `raadgivning VERB`."""

import sys

from rådgivning.drift.kommandoer import main

sys.exit(main())
