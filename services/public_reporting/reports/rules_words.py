"""What a report has to say, and how long it may take to say it."""

WORDS_MAX = 2000


class ReportIncomplete(Exception):
    """What was entered does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "report_incomplete"
    title = ("举报内容不完整", "The report is incomplete")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


def check_words(pointer: str, words: str) -> None:
    """Raises ReportIncomplete unless something is said, within its length."""
    if not 0 < len(words.strip()) <= WORDS_MAX:
        raise ReportIncomplete(
            (pointer, "length", (f"请用 1 至 {WORDS_MAX} 字写明。", f"say it in 1 to {WORDS_MAX} characters"))
        )
