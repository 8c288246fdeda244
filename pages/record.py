"""操作记录: who did what, when, from where, what was before and after; for administrators."""

from ui.asking.viewer import viewer
from ui.audit.deeds import chain_state, deeds_table, deeds_wanted

# Deeds tell of every township.
viewer().require_all()
chain_state()
deeds_table(deeds_wanted())
