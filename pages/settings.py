"""设置: what the county sets itself, subject by subject; for administrators."""

from data_access import cache
from ui.asking.viewer import viewer
from ui.settings.boundaries import show_boundaries
from ui.settings.grid_bands import show_grid_bands
from ui.settings.headers import show_headers
from ui.settings.lists import show_event_kinds, show_retention, show_rotation
from ui.settings.reported_figures import show_reported_figures
from ui.settings.schemes import show_schemes
from ui.settings.subject import begin, changes
from ui.settings.targets import show_targets
from ui.settings.townships import show_aliases, show_county, show_leagues

by = viewer()
# What is set holds for every township.
by.require_all()
county = cache.county(by)
begin()
last = changes()
show_county(county, last, by)
show_leagues(county, last, by)
show_aliases(county, last, by)
show_boundaries(county, last, by)
show_reported_figures(county, last, by)
show_targets(county, last, by)
show_schemes(county, last, by)
show_event_kinds(county, last, by)
show_grid_bands(county, last, by)
show_headers(last, by)
show_retention(county, last, by)
show_rotation(county, last, by)
