"""Why a file is not taken, and what else its doors refuse. Each says what to do, and nothing of it is kept."""

from __future__ import annotations

from typing import Final

from libs.common.languages import Said
from libs.common.problems import Problem


class FileEmpty(Problem):
    """No byte arrived."""

    status = 422
    code = "file_empty"
    title = Said("文件为空", "The file is empty")
    advice = Said("请重新选择文件后上传。", "Choose the file again and send it.")


class FileTypeNotTaken(Problem):
    """By its bytes it is nothing that is taken here (SVG, HTML, programs, archives, text)."""

    status = 415
    code = "file_type_not_taken"
    title = Said("不接受此类文件", "This type of file is not taken")
    advice = Said(
        "按内容识别，不是 accepted 所列的类型；请转为其中一种。",
        "By its content it is none of `accepted`; convert it to one of these.",
    )


class PhotoIsHeic(Problem):
    """An iPhone's own format, which cannot be decoded here."""

    status = 415
    code = "photo_is_heic"
    title = Said("暂不支持 HEIC 照片", "HEIC photos cannot be read here")
    advice = Said(
        "请在手机“设置—相机—格式”中选“兼容性最佳”，或转为 JPEG 后上传。",
        "Set the phone's camera format to Most Compatible, or convert the photo to JPEG, and send it again.",
    )


class FileTypeDiffers(Problem):
    """The Content-Type says one thing and the bytes another: one of the two is a mistake or a trick."""

    status = 422
    code = "file_type_differs"
    title = Said("文件内容与所报类型不符", "The file is not what its Content-Type says")
    advice = Said(
        "请按 found 所示类型上报，或用 application/octet-stream 由系统识别。",
        "Declare the type in `found`, or application/octet-stream to have it recognised.",
    )


class FileIsTwoThings(Problem):
    """It reads as two kinds of file at once, as only a trick does."""

    status = 422
    code = "file_is_two_things"
    title = Said("文件内含另一种文件", "The file is two kinds of file at once")
    advice = Said("请用原始文件重新导出后上传。", "Export it again from the original and send that.")


class FileHasActiveContent(Problem):
    """Macros, scripts, or files within: they would run on the screen of whoever looks at it."""

    status = 422
    code = "file_has_active_content"
    title = Said("文件含有宏、脚本或附件", "The file holds macros, scripts or attachments")
    advice = Said("请另存为不含宏和脚本的文件。", "Save it without macros, scripts and attachments.")


class FileBroken(Problem):
    """It cannot be read to its end as what it claims to be."""

    status = 422
    code = "file_broken"
    title = Said("文件已损坏", "The file is broken")
    advice = Said("请核对原文件能否打开，再重新上传。", "Check that the original opens, then send it again.")


class PhotoTooLarge(Problem):
    """More pixels than are decoded."""

    status = 422
    code = "photo_too_large"
    title = Said("照片像素过大", "The photo has too many pixels")
    advice = Said("请缩小照片后上传。", "Make the photo smaller and send it again.")


class ArchiveTooLarge(Problem):
    """It would unpack into far more than it is."""

    status = 422
    code = "archive_too_large"
    title = Said("文件展开后过大", "The file unpacks into too much")
    advice = Said("请减少内容或拆分文件。", "Reduce its content, or split it.")


class FileTooCostly(Problem):
    """To look at it took more time or memory than one file may have."""

    status = 422
    code = "file_too_costly"
    title = Said("文件处理超时", "The file takes too long to read")
    advice = Said("请缩小或转换文件后上传。", "Make it smaller or convert it, and send it again.")


class UploadOffsetWrong(Problem):
    """A part that does not begin where the last one ended."""

    status = 409
    code = "upload_offset_wrong"
    title = Said("续传位置不符", "The upload goes on elsewhere")
    advice = Said("请用 HEAD 读取 Upload-Offset，从该处继续。", "Ask HEAD for Upload-Offset and go on from there.")


class UploadTooLong(Problem):
    """More bytes than Upload-Length said."""

    status = 422
    code = "upload_too_long"
    title = Said("超出所报的文件长度", "More bytes than were announced")
    advice = Said("请按实际长度重新创建上传。", "Begin a new upload with the length that the file really has.")


class UploadInPieces(Problem):
    """So many parts so small cost more than the file is worth."""

    status = 422
    code = "upload_in_pieces"
    title = Said("分片过多", "Too many parts")
    advice = Said("请用更大的分片（至少 1 MB）重新上传。", "Begin again with larger parts, of 1 MB or more.")


class UploadHeader(Problem):
    """A header of the resumable upload protocol is missing or cannot be read."""

    status = 400
    code = "upload_header_wrong"
    title = Said("续传请求头有误", "A header of the upload is missing or wrong")
    advice = Said("请按 tus 1.0.0 协议填写 header 所示请求头。", "Send the header in `header` as tus 1.0.0 says.")


class UploadVersion(Problem):
    """Another version of the resumable upload protocol."""

    status = 412
    code = "upload_version"
    title = Said("不支持的续传协议版本", "Another version of the upload protocol")
    advice = Said("请发送 Tus-Resumable: 1.0.0。", "Send Tus-Resumable: 1.0.0.")


class OneFileWanted(Problem):
    """A form without a file, with several, or with fields that nothing reads."""

    status = 422
    code = "one_file_wanted"
    title = Said("表单须只含一个文件", "The form has to hold one file")
    advice = Said(
        "请在表单中只放一个名为 file 的文件。", "Send a form with one file in it, named `file`, and nothing else."
    )


class FileQuotaSpent(Problem):
    """More uploads at once, or more bytes in a day, than one client has; what was begun and not kept counts too."""

    status = 429
    code = "file_quota_spent"
    title = Said("上传额度已用完", "The upload quota is spent")
    advice = Said("请稍后再传，或请运维调整额度。", "Try again later, or ask the operators for more.")


class FileStoreFull(Problem):
    """The disk of the store has little room left, and what is kept already needs it."""

    status = 503
    code = "file_store_full"
    title = Said("文件库空间不足", "The file store has no room")
    advice = Said("请稍后再传；运维须清理或扩充磁盘。", "Send it later; the operators have to make room on the disk.")

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "300"})


class CaptureNotKept(Problem):
    """Where and when a photo was taken is kept for posts only: a reporter must not be found by a photo."""

    status = 403
    code = "capture_not_kept"
    title = Said("不能保留拍摄信息", "Capture details are not kept for you")
    advice = Said(
        "仅岗位人员取证时可保留；请去掉 capture 参数。",
        "They are kept for posts that gather evidence; leave `capture` out.",
    )


class FileLinkOver(Problem):
    """A link that has expired, was changed, or belongs to another file."""

    status = 403
    code = "file_link_over"
    title = Said("文件链接已失效", "The link to the file is over")
    advice = Said("请重新从 /v1/files/{id}/link 获取链接。", "Get a new one from /v1/files/{id}/link.")


class FileGone(Problem):
    """The file is known, and its bytes are not here: ended, or never arrived."""

    status = 409
    code = "file_not_here"
    title = Said("文件内容不在库中", "The bytes of the file are not here")
    advice = Said(
        "文件尚未上传或已清理；请由持有原件者重新上传。",
        "It has not arrived or has ended; whoever has the original can send it again.",
    )


class RangeNotThere(Problem):
    """A part of a file was asked for that lies beyond its end."""

    status = 416
    code = "range_not_there"
    title = Said("请求的范围超出文件", "The file has no such part")
    advice = Said("文件长度见 Content-Range。", "Content-Range says how long the file is.")

    def __init__(self, size: int) -> None:
        super().__init__(headers={"Content-Range": f"bytes */{size}"}, bytes=size)


REFUSALS: Final[tuple[type[Problem], ...]] = (
    FileEmpty, FileTypeNotTaken, PhotoIsHeic, FileTypeDiffers, FileIsTwoThings, FileHasActiveContent, FileBroken,
    PhotoTooLarge, ArchiveTooLarge, FileTooCostly,
)  # fmt: skip
BY_CODE: Final = {refusal.code: refusal for refusal in REFUSALS}
