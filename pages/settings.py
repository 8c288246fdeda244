"""设置: what the county sets itself, subject by subject; for administrators."""

from data_access import cache
from ui.asking.viewer import viewer
from ui.frame.told import show_told
from ui.settings.subject import WHERE, changes
from ui.settings.townships import show_aliases, show_county, show_leagues

by = viewer()
county = cache.county(by)
last = changes()
show_told(WHERE)
show_county(county, last, by)
show_leagues(county, last, by)
show_aliases(county, last, by)
