"""What is wrong with a file that cannot be read at all, and what to do about it, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Both = tuple[str, str]
_BROKEN: Final = ("文件无法读取", "The file cannot be read")
_TOO_MUCH: Final = ("文件内容过多", "The file holds too much")

FILE_FAULTS: Final[Mapping[str, tuple[Both, Both]]] = {
    "broken_workbook": (
        _BROKEN,
        ("工作簿已损坏或不是 xlsx，请重新保存为 xlsx。", "The workbook is broken or no xlsx: save it as xlsx again."),
    ),
    "suspicious_workbook": (
        _BROKEN,
        ("工作簿解压后异常庞大，请重新保存后再上传。", "The workbook unpacks to far more than it may: save it anew."),
    ),
    "old_workbook": (
        _BROKEN,
        ("旧格式（xls）或加密的工作簿，请另存为 xlsx。", "An xls or encrypted workbook: save it as plain xlsx."),
    ),
    "workbook_with_password": (
        _BROKEN, ("工作簿设有密码，请取消密码后重新上传。", "The workbook has a password: take it off.")
    ),
    "no_visible_sheet": (_BROKEN, ("没有可见的工作表。", "There is no visible sheet.")),
    "empty_file": (_BROKEN, ("文件是空的。", "The file is empty.")),
    "no_headings": (
        _BROKEN,
        ("找不到表头，请使用模板的第一行。", "No headings were found: take the first row of the template."),
    ),
    "unknown_encoding": (
        _BROKEN,
        ("编码须为 UTF-8、UTF-16 或 GB18030。", "Write the file in UTF-8, UTF-16 or GB 18030."),
    ),
    "broken_text": (
        _BROKEN,
        ("引号不配对，请按 CSV 规则（RFC 4180）书写。", "Quotes do not match: write CSV as in RFC 4180."),
    ),
    "nul_in_text": (_BROKEN, ("文件含有 NUL 字符。", "The file holds NUL characters.")),
    "line_too_long": (_TOO_MUCH, ("有一行超过 1 MB。", "A line is longer than 1 MB.")),
    "too_many_rows": (_TOO_MUCH, ("最多 1048576 行，请分成多个文件。", "At most 1,048,576 rows: split the file.")),
    "too_many_columns": (
        _TOO_MUCH, ("列数过多，请只保留模板中的列。", "Too many columns: keep those of the template.")
    ),
    "file_lost": (
        ("文件已丢失", "The file is lost"),
        ("上传的文件已不在服务器上，请重新上传。", "What you sent is not on the server any more: send it again."),
    ),
    "too_much_to_read": (
        _TOO_MUCH,
        ("读取超出内存或时间限制，请拆分文件并删除空白行列。", "Reading it takes too much: split it."),
    ),
}  # fmt: skip
"""By the code that the reading process says."""
