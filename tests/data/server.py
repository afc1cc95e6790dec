"""A server of files to download, on this machine."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server:
    """Serves files under folders; what it does wrong is set by the test."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.ends_after: list[int] = []
        """For each request in turn, after how many bytes the connection breaks."""
        self.stalls = threading.Event()
        """Set: it sends a few bytes, and then nothing until the test ends."""
        self.trickles = False
        """It sends a byte now and then."""
        self.ranges = True
        self.asked: list[tuple[str, str | None]] = []
        """Path and range of each request."""
        self.closing = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        wanted = request.headers["Range"]
        self.asked.append((request.path, wanted))
        content = self.files.get(request.path)
        if content is None:
            request.send_error(404)
            return
        begin = 0
        if wanted and self.ranges:
            begin = int(wanted.removeprefix("bytes=").removesuffix("-"))
            request.send_response(206)
            request.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        else:
            request.send_response(200)
        request.send_header("Content-Length", str(len(content) - begin))
        # A server that knows what a name ends with may say so; the file must stay packed.
        request.send_header("Content-Encoding", "gzip")
        request.end_headers()
        if self.stalls.is_set():
            request.wfile.write(content[begin : begin + 10_000])
            self.closing.wait(30)
            return
        if self.trickles:
            for place in range(begin, len(content)):
                request.wfile.write(content[place : place + 1])
                request.wfile.flush()
                if self.closing.wait(0.02):
                    return
        sent = self.ends_after.pop(0) if self.ends_after else len(content)
        request.wfile.write(content[begin : begin + sent])
