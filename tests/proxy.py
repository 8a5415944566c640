"""A TCP proxy that breaks on demand: what a network does to a database connection, without a network."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Coroutine
from threading import Thread
from typing import Any, NamedTuple, Self, TypeVar, cast

Answer = TypeVar("Answer")

CHUNK = 65536
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class _Connection(NamedTuple):
    writers: tuple[asyncio.StreamWriter, asyncio.StreamWriter]
    pumps: tuple[asyncio.Task[None], asyncio.Task[None]]


class Proxy:
    """Forwards 127.0.0.1:`port` to `host:port` from a thread of its own until `close`.

    * `blackhole()`: connections stay open and new ones are taken, but nothing passes until `heal()`; what was on its
      way then arrives late, as on a real network. `reset()` after it loses that instead.
    * `delay(seconds)`: every chunk waits that long, both ways.
    * `reset()`: every connection open now ends with a TCP reset on both sides; new ones work.
    * `heal()`: no black hole and no delay any more.
    """

    def __init__(self, host: str, port: int) -> None:
        self._upstream = (host, port)
        self._seconds = 0.0
        self._passing = asyncio.Event()
        self._passing.set()
        self._connections: dict[asyncio.Task[Any], _Connection] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self._server = self._call(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.host, self.port = self._server.sockets[0].getsockname()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def connections(self) -> int:
        """How many clients are connected through it."""
        return len(self._connections)

    def blackhole(self) -> None:
        self._loop.call_soon_threadsafe(self._passing.clear)

    def delay(self, seconds: float) -> None:
        self._seconds = seconds

    def reset(self) -> None:
        self._call(self._reset())

    def heal(self) -> None:
        self._seconds = 0.0
        self._loop.call_soon_threadsafe(self._passing.set)

    def close(self) -> None:
        if self._loop.is_closed():
            return
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, coroutine: Coroutine[Any, Any, Answer]) -> Answer:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=30)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            back_reader, back_writer = await asyncio.open_connection(*self._upstream)
        except OSError:
            _abort(writer)
            return
        pumps = (
            asyncio.create_task(self._pump(reader, back_writer)),
            asyncio.create_task(self._pump(back_reader, writer)),
        )
        task = cast("asyncio.Task[Any]", asyncio.current_task())
        self._connections[task] = _Connection((writer, back_writer), pumps)
        await asyncio.wait(pumps)
        writer.close()
        back_writer.close()
        del self._connections[task]

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what comes from one side to the other until it ends; a reset there is a reset here."""
        try:
            while chunk := await reader.read(CHUNK):
                await self._wait()
                writer.write(chunk)
                await writer.drain()
            await self._wait()
            writer.write_eof()
        except OSError:
            _abort(writer)

    async def _wait(self) -> None:
        if self._seconds:
            await asyncio.sleep(self._seconds)
        await self._passing.wait()

    async def _reset(self) -> None:
        connections = dict(self._connections)
        for connection in connections.values():
            for writer in connection.writers:
                _abort(writer)
            for pump in connection.pumps:
                pump.cancel()
        if connections:
            await asyncio.wait(connections)

    async def _close(self) -> None:
        self._server.close()
        await self._reset()
        await self._server.wait_closed()


def _abort(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    if connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
    writer.transport.abort()
