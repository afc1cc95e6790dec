"""What shells complete beside options and files: ids of runs, and names of data sets."""

from __future__ import annotations

from tui_ae.config import DATA_SETS

# Whoever wrote a run chose its id, and a shell would obey what it finds in one: only ids of
# letters, digits, dots and dashes are offered.
IDS = """\
_tui_ae_ids() {
  tui-ae runs --json 2>/dev/null | sed -n 's/^{"id": "\\([A-Za-z0-9._-]*\\)",.*/\\1/p'
}
"""
RUNS = {
    "bash": "_tui_ae_runs",
    "zsh": "_tui_ae_runs",
    "fish": "(_tui_ae_runs)",
    "preamble": {
        "bash": IDS
        + """\
_tui_ae_runs() {
  compgen -W "$(_tui_ae_ids)" -- "$1"
  compgen -d -- "$1"
}
""",
        "zsh": IDS
        + """\
_tui_ae_runs() {
  local -a ids
  ids=(${(f)"$(_tui_ae_ids)"})
  compadd -a ids
  _files -/
}
""",
        "fish": """\
function _tui_ae_runs
  tui-ae runs --json 2>/dev/null | string replace -rf '^\\{"id": "([A-Za-z0-9._-]*)",.*' '$1'
  __fish_complete_directories (commandline -ct)
end
""",
    },
}
"""How shells complete a run: the ids of those that were kept, and folders."""

NAMES = " ".join(DATA_SETS)
DATA = {
    "bash": "_tui_ae_data",
    "zsh": "_tui_ae_data",
    "fish": "(_tui_ae_data)",
    "preamble": {
        "bash": f"""\
_tui_ae_data() {{
  compgen -W "{NAMES}" -- "$1"
  compgen -f -- "$1"
}}
""",
        "zsh": f"""\
_tui_ae_data() {{
  compadd {NAMES}
  _files
}}
""",
        "fish": f"""\
function _tui_ae_data
  printf '%s\\n' {NAMES}
  __fish_complete_path (commandline -ct)
end
""",
    },
}
"""How they complete data: sets by name, files and folders."""
