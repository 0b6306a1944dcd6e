"""Files 附件: photos, papers and recordings that reports and evidence refer to; received, kept, shown, and ended."""
