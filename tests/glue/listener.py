"""HTTP/1.1 on 127.0.0.1 and a free port, on a thread of its own: each request is answered before the next is read."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeAlias

from tests.glue import wire

Answer: TypeAlias = Callable[[wire.Head, bytes], bytes | None]


class Listener:
    """From `start` to `close`. `answer` gives the response, or None for a connection that ends without one."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="glue", daemon=True)
        self._connections: dict[asyncio.Task[None] | None, asyncio.StreamWriter] = {}

    def start(self) -> str:
        """Where it is."""
        self._thread.start()
        starting = asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result(timeout=30)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(timeout=30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._connections[task] = writer
        try:
            await self._converse(reader, writer)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass  # whoever asked has gone, or asks for nothing that can be read
        finally:
            del self._connections[task]
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = wire.head(await reader.readuntil(b"\r\n\r\n"))
            answered = self._answer(head, await reader.readexactly(head.length))
            if answered is None:
                return
            writer.write(answered)
            await writer.drain()

    async def _close(self) -> None:
        self._server.close()
        for writer in self._connections.values():
            writer.transport.abort()
        tasks = [task for task in self._connections if task is not None]
        await asyncio.gather(*tasks)
        await self._server.wait_closed()
