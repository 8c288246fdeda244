"""月度通报: the evaluation of a month as an official document, a workbook and pictures for slides.

It is written in Chinese, for whom it goes to.
"""
