"""Has a download that is not given say why on its button, in the page's words instead of Streamlit's."""

from __future__ import annotations

import asyncio
import logging

from streamlit.proto.BackMsg_pb2 import BackendOperationRequest
from streamlit.proto.ForwardMsg_pb2 import BackendOperationResponse, DeferredFileResponsePayload
from streamlit.runtime import app_session
from streamlit.runtime.backend_operation_handler import DeferredFileHandler
from streamlit.runtime.media_file_storage import MediaFileStorageError

from ui.files.downloads import NotGiven

_FAILED = "没有生成文件，请再试；若仍不行，请联系管理员。 No file was made: try again, or tell your administrator."


class TellingHandler(DeferredFileHandler):
    """In the place of Streamlit's, which says “Failed to generate file for download” in 1.67, whatever was in the way."""

    async def handle(self, request: BackendOperationRequest, session_id: str) -> BackendOperationResponse:
        """The file's address, or why there is none."""
        try:
            make = self._get_media_file_mgr().execute_deferred
            url = await asyncio.to_thread(make, request.deferred_file.file_id)
        except MediaFileStorageError as error:
            why = error.__cause__
            if isinstance(why, NotGiven):
                return BackendOperationResponse(request_id=request.request_id, error_msg=str(why))
            # Of the error its kind alone: it may repeat rows.
            logging.getLogger(__name__).error("A download failed: %s", type(why or error).__name__)
            return BackendOperationResponse(request_id=request.request_id, error_msg=_FAILED)
        return BackendOperationResponse(
            request_id=request.request_id, deferred_file=DeferredFileResponsePayload(url=url)
        )


def tell_why() -> None:
    """Let the sessions that begin from now on answer so."""
    app_session.DeferredFileHandler = TellingHandler  # type: ignore[attr-defined]  # Streamlit offers no other way
