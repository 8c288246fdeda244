"""The page of settings: a heading for each subject, what holds, who changed it last, and a form that changes it."""
