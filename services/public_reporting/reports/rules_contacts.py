"""What people write of themselves into free words, hidden before the words leave this service.

Nobody is asked for a name, yet many sign what they tell. The words stay as they are with the report; what other
services, events and the record of acts get of them says nothing of who told ([S] WSL Art 73-76, ERL 2024 Art 9; the
shapes are [DEF]: what has another shape, such as a name that is never signed, is not found).
"""

import re

HIDDEN = "〔已隐去〕"
_ASCII = str.maketrans("０１２３４５６７８９－＋＠．ＸｘＱｑ", "0123456789-+@.XxQq")
"""The same signs, full-width and plain: one for one, so that a place in the one is a place in the other."""
_GAP = r"[-\s]?"
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        # A resident's number: six digits of area, a date of birth, three of order, a check sign (GB 11643-1999).
        r"(?<![0-9])[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx](?![0-9])",
        rf"(?<![0-9])(?:\+?86{_GAP})?1[3-9][0-9]{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}(?![0-9])",
        rf"(?<![0-9])0[1-9][0-9]{{1,2}}{_GAP}[0-9]{{7,8}}(?![0-9])",
        r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{3,190}",
        r"(?<=微信|QQ|qq)号?(?:码|是|为|[:：\s])*[A-Za-z0-9_-]{5,20}",
    )
)
_SIGNED = re.compile(
    r"(?:我叫|姓名|署名|举报人|联系人|报告人)(?:是|为|叫|[:：\s])*([一-鿿·]{2,4})(?=[,，。;；、!！\s(（]|$)"
)


def without_contacts(words: str, *beside: str) -> str:
    """The words with every telephone, resident's number, address of mail or chat, and signed name hidden.

    A name that is signed in them, or in what was written beside them, is hidden wherever it stands in them.
    """
    for shape in _SHAPES:
        for found in reversed(list(shape.finditer(words.translate(_ASCII)))):
            words = words[: found.start()] + HIDDEN + words[found.end() :]
    for name in sorted({name for text in (words, *beside) for name in _SIGNED.findall(text)}, key=len, reverse=True):
        words = words.replace(name, HIDDEN)
    return words


def told_on(words: str, place_words: str) -> tuple[str, str]:
    """What others than who triages get of a report's words, and of its words about the place."""
    return without_contacts(words, place_words), without_contacts(place_words, words)
