"""Situation reports 信息报告: who tells whom by when, by law, each with its clock."""
